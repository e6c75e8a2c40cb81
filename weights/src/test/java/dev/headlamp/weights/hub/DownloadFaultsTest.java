package dev.headlamp.weights.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.headlamp.fixtures.FakeHub;
import dev.headlamp.fixtures.FakeModel;
import dev.headlamp.fixtures.Fault;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Downloads that go wrong: nothing half-written is used, nothing that has come is lost. */
class DownloadFaultsTest extends HubTestCase {

  private static final String FILE = "model.safetensors";

  private FakeModel model;

  @BeforeEach
  void addModel() {
    model = addModel("gpt2");
  }

  @Test
  void aDownloadThatIsCutGoesOnWhereItStopped() throws IOException {
    hub.failNext(FILE, Fault.cutAt(100_000), Fault.cutAt(250_000));

    assertThat(locator().locate("gpt2").resolve(FILE)).hasBinaryContent(weights);

    assertThat(hub.requestsToCdn())
        .extracting(FakeHub.Request::range)
        .containsExactly(null, "bytes=100000-", "bytes=250000-");
    assertThat(waits).containsExactly(Duration.ofSeconds(1), Duration.ofSeconds(2));
  }

  @Test
  void aDownloadThatFailedGoesOnInTheNextCall() throws IOException {
    Fault nothing = Fault.cutAt(120_000);
    hub.failNext(FILE, nothing, nothing, nothing, nothing);

    assertThatThrownBy(() -> locator().locate("gpt2"))
        .isInstanceOf(HubException.class)
        .hasMessageContaining("downloading model.safetensors of gpt2 at commit " + COMMIT)
        .hasMessageContaining("4 of 4 tries");
    assertThat(incomplete("models--gpt2")).hasBinaryContent(Arrays.copyOf(weights, 120_000));
    assertThat(cache.resolve("models--gpt2/snapshots/" + COMMIT + "/" + FILE)).doesNotExist();
    assertThat(cache.resolve("models--gpt2/refs/main")).doesNotExist();

    List<DownloadProgress> told = new ArrayList<>();
    assertThat(locator().locate("gpt2", null, told::add).resolve(FILE)).hasBinaryContent(weights);
    assertThat(told).anyMatch(progress -> progress.fileBytes() == 120_000);
    assertThat(last(hub.requestsToCdn()).range()).isEqualTo("bytes=120000-");
    assertThat(incomplete("models--gpt2")).doesNotExist();
  }

  @Test
  void aFailedDownloadLeavesTheOldSnapshotInUse() throws IOException {
    Path old = locator().locate("gpt2");
    hub.add("gpt2", OTHER_COMMIT)
        .small("config.json", "{}")
        .stated(FILE, randomBytes(50), FakeModel.sha256(randomBytes(51)), "50");

    assertThatThrownBy(() -> locator().locate("gpt2", OTHER_COMMIT, DownloadListener.NONE))
        .isInstanceOf(HubException.class);
    assertThat(locator().locate("gpt2")).isEqualTo(old);
    assertThat(old.resolve(FILE)).hasBinaryContent(weights);
  }

  @Test
  void wrongBytesAreTriedOnceMoreAndThenRefused() {
    byte[] wrong = weights.clone();
    wrong[77] ^= 1;
    hub.failNext(FILE, Fault.otherBytes(wrong), Fault.otherBytes(wrong));

    assertThatThrownBy(() -> locator().locate("gpt2"))
        .isInstanceOf(HubException.class)
        .hasMessageContaining("do not have the SHA-256 " + FakeModel.sha256(weights));
    assertThat(hub.requestsToCdn()).hasSize(2);
    assertThat(cached("models--gpt2")).noneMatch(file -> file.contains(FakeModel.sha256(weights)));
  }

  @Test
  void wrongBytesOfASmallFileAreRefusedByTheirGitHash() {
    byte[] wrong = "{\"model_type\": \"gpt3\"}".getBytes(StandardCharsets.UTF_8);
    hub.failNext("config.json", Fault.otherBytes(wrong), Fault.otherBytes(wrong));

    assertThatThrownBy(() -> locator().locate("gpt2"))
        .hasMessageContaining("config.json of gpt2")
        .hasMessageContaining("do not have the git SHA-1 ");
  }

  @Test
  void wrongBytesLeftByAnEarlierDownloadAreReplaced() throws IOException {
    Path left = incomplete("models--gpt2");
    Files.createDirectories(left.getParent());
    Files.write(left, new byte[150_000]);

    assertThat(locator().locate("gpt2").resolve(FILE)).hasBinaryContent(weights);
    assertThat(hub.requestsToCdn())
        .extracting(FakeHub.Request::range)
        .containsExactly("bytes=150000-", null);
  }

  @ParameterizedTest
  @ValueSource(ints = {300_000, 300_001})
  void aPartThatIsAsLongAsTheFileOrLongerIsNoReasonToTrustIt(int length) throws IOException {
    Path left = incomplete("models--gpt2");
    Files.createDirectories(left.getParent());
    Files.write(left, new byte[length]);

    assertThat(locator().locate("gpt2").resolve(FILE)).hasBinaryContent(weights);
  }

  @Test
  void aPartThatLacksOnlyItsNameIsNotFetchedAgain() throws IOException {
    Path left = incomplete("models--gpt2");
    Files.createDirectories(left.getParent());
    Files.write(left, weights);

    assertThat(locator().locate("gpt2").resolve(FILE)).hasBinaryContent(weights);
    assertThat(hub.requestsToCdn()).isEmpty();
  }

  @Test
  void aServerWithoutRangesIsReadFromTheStart() throws IOException {
    hub.failNext(FILE, Fault.cutAt(100_000), Fault.noRanges());
    assertThat(locator().locate("gpt2").resolve(FILE)).hasBinaryContent(weights);
  }

  @Test
  void anotherRangeThanAskedForIsNotUsed() throws IOException {
    hub.failNext(FILE, Fault.cutAt(100_000), Fault.otherRange(99_999));
    assertThat(locator().locate("gpt2").resolve(FILE)).hasBinaryContent(weights);
  }

  @Test
  void aRangeThatTheServerRefusesIsReadFromTheStart() throws IOException {
    hub.failNext(FILE, Fault.cutAt(100_000), Fault.status(416));
    assertThat(locator().locate("gpt2").resolve(FILE)).hasBinaryContent(weights);
  }

  @Test
  void moreBytesThanStatedAreRefused() {
    hub.failNext(FILE, Fault.otherBytes(Arrays.copyOf(weights, weights.length + 1)));

    assertThatThrownBy(() -> locator().locate("gpt2"))
        .hasMessage(FILE + ": more than the 300000 bytes that the hub states came in");
    assertThat(incomplete("models--gpt2")).doesNotExist();
  }

  @Test
  void fewerBytesThanStatedAreNeverTheFile() {
    Fault shorter = Fault.otherBytes(Arrays.copyOf(weights, weights.length - 1));
    hub.failNext(FILE, shorter, shorter, shorter, shorter);

    assertThatThrownBy(() -> locator().locate("gpt2"))
        .hasMessageContaining("only 299999 of 300000 bytes came");
  }

  @Test
  @Timeout(10)
  void aServerThatFallsSilentIsAskedAgain() throws IOException {
    hub.failNext(FILE, Fault.silentAt(100_000, 20_000));

    assertThat(locator().locate("gpt2").resolve(FILE)).hasBinaryContent(weights);
    assertThat(last(hub.requestsToCdn()).range()).isEqualTo("bytes=100000-");
  }

  @Test
  void aSlowServerIsWaitedFor() throws IOException {
    hub.failNext(FILE, Fault.slow(PATIENCE.toMillis() / 2));

    assertThat(locator().locate("gpt2").resolve(FILE)).hasBinaryContent(weights);
    assertThat(hub.requestsToCdn()).hasSize(1);
  }

  @Test
  void aBusyServerIsAskedAgainAfterGrowingWaits() throws IOException {
    hub.failNext("listing", Fault.status(503), Fault.status(500), Fault.status(504));
    hub.failNext("head", Fault.status(429, "Retry-After", "7"), Fault.status(429));
    hub.failNext(FILE, Fault.status(502), Fault.status(429, "Retry-After", "600"));

    assertThat(locator().locate("gpt2").resolve(FILE)).hasBinaryContent(weights);
    assertThat(waits).extracting(Duration::toSeconds).containsExactly(1L, 2L, 4L, 7L, 2L, 1L, 600L);
  }

  @ParameterizedTest
  @CsvSource({"601, 11 min", "7200, 2 h", "99999999999999999999, 277778 h"})
  void aServerThatAsksForAWaitThatIsTooLongIsGivenUpAtOnce(String seconds, String inWords) {
    hub.failNext(FILE, Fault.status(503, "Retry-After", seconds));

    assertThatThrownBy(() -> locator().locate("gpt2"))
        .isInstanceOf(HubException.class)
        .hasMessageContaining("downloading model.safetensors of gpt2")
        .hasMessageEndingWith(
            "(127.0.0.1 answers 503, and asks to wait "
                + inWords
                + ", which is more than the 10 min that are waited); try again later");
    assertThat(waits).isEmpty();
  }

  @Test
  void aServerThatStaysBusyIsGivenUp() {
    hub.failNext(
        "listing", Fault.status(503), Fault.status(503), Fault.status(503), Fault.status(503));

    assertThatThrownBy(() -> locator().locate("gpt2"))
        .isInstanceOf(HubException.class)
        .hasMessageContaining("about gpt2 failed (127.0.0.1 answers 503, 4 of 4 tries)");
    assertThat(waits).hasSize(3);
  }

  @Test
  void aHubThatCannotBeReachedIsGivenUp() {
    hub.close();

    assertThatThrownBy(() -> locator().locate("gpt2"))
        .isInstanceOf(HubException.class)
        .hasMessageContaining("asking " + hub.endpoint() + " about gpt2 failed")
        .hasMessageContaining("check the network, or give a local folder");
  }

  @Test
  void aRedirectLoopEnds() {
    Fault again = Fault.status(302, "Location", "/api/models/gpt2/revision/main");
    hub.failNext("listing", again, again, again, again, again, again, again, again, again, again);
    hub.failNext("listing", again, again);

    assertThatThrownBy(() -> locator().locate("gpt2"))
        .isInstanceOf(HubException.class)
        .hasMessageContaining("redirects more than 10 times");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "file:///etc/passwd", "ftp://x/y", "http://", "no address"})
  void aRedirectToNowhereIsRefused(String location) {
    hub.failNext("listing", Fault.status(302, "Location", location));

    assertThatThrownBy(() -> locator().locate("gpt2"))
        .isInstanceOf(HubException.class)
        .hasMessageContaining("redirects to");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "{\"sha\": \"../..\"}", "{\"siblings\": [{", "<html>"})
  void aListingThatIsNoneIsRefused(String text) {
    hub.failNext("listing", Fault.otherBytes((text + " ").getBytes(StandardCharsets.UTF_8)));

    assertThatThrownBy(() -> locator().locate("gpt2"))
        .isInstanceOf(HubException.class)
        .hasMessageContaining("does not answer like a hub");
  }

  @Test
  void aFileThatNoDiskHoldsIsRefusedBeforeItIsFetched() {
    model.stated(FILE, weights, FakeModel.sha256(weights), String.valueOf(Long.MAX_VALUE / 2));

    assertThatThrownBy(() -> locator().locate("gpt2"))
        .isInstanceOf(HubException.class)
        .hasMessageContaining("gpt2 needs 4611686018.43 GB")
        .hasMessageContaining("set HF_HUB_CACHE to another disk");
    assertThat(hub.requestsToCdn()).isEmpty();
  }

  @Test
  void aDiskThatIsFullIsSaidAndNotTriedAgain() throws IOException {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "only Linux has a device that is always full");
    Path part = incomplete("models--gpt2");
    Files.createDirectories(part.getParent());
    Files.createSymbolicLink(part, full);

    assertThatThrownBy(() -> locator().locate("gpt2"))
        .isInstanceOf(HubException.class)
        .hasMessageContaining("cannot write " + part + ": No space left on device");
    assertThat(waits).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "many", "99999999999999999999"})
  void aSizeThatIsNoneIsRefused(String size) {
    model.stated(FILE, weights, FakeModel.sha256(weights), size);
    assertThatThrownBy(() -> locator().locate("gpt2"))
        .isInstanceOf(HubException.class)
        .hasMessageContaining("the hub states");
  }

  @Test
  void aFileWithoutAChecksumIsRefused() {
    model.stated(FILE, weights, "d41d8cd98f00b204e9800998ecf8427e", "300000");
    assertThatThrownBy(() -> locator().locate("gpt2"))
        .isInstanceOf(HubException.class)
        .hasMessageContaining("states no SHA-256 and no git SHA-1 for model.safetensors");
  }

  private static <T> T last(List<T> list) {
    return list.get(list.size() - 1);
  }
}
