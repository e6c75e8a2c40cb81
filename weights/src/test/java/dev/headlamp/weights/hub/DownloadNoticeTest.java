package dev.headlamp.weights.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headlamp.fixtures.FakeModel;
import dev.headlamp.fixtures.Fault;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whoever listens is told what holds a download up, and what is done instead of what was meant. */
class DownloadNoticeTest extends HubTestCase {

  private static final String FILE = "model.safetensors";

  private final Noticing noticing = new Noticing();

  /** Keeps what it is told. */
  private static class Noticing implements DownloadListener {
    final List<DownloadNotice> notices = new ArrayList<>();

    @Override
    public void progressed(DownloadProgress progress) {}

    @Override
    public void noticed(DownloadNotice notice) {
      notices.add(notice);
    }
  }

  @BeforeEach
  void addModel() {
    addModel("gpt2");
  }

  @Test
  void everyWaitIsTold() throws IOException {
    hub.failNext("listing", Fault.status(503), Fault.status(503, "Retry-After", "4"));

    locator().locate("gpt2", null, noticing);

    String asking = "asking " + hub.endpoint() + " about gpt2";
    String busy = "127.0.0.1 answers 503";
    assertThat(noticing.notices)
        .containsExactly(
            new DownloadNotice.Retry(asking, busy, Duration.ofSeconds(1), 2, 4),
            new DownloadNotice.Retry(asking, busy, Duration.ofSeconds(4), 3, 4));
    assertThat(waits).containsExactly(Duration.ofSeconds(1), Duration.ofSeconds(4));
    assertThat(noticing.notices.get(1).message())
        .isEqualTo(asking + " failed (127.0.0.1 answers 503), trying again in 4 s (try 3 of 4)");
  }

  @Test
  void theCountStartsAgainWhereAWaitIsOver() throws IOException {
    hub.failNext("head", Fault.status(500));
    hub.failNext(FILE, Fault.cutAt(1000));

    locator().locate("gpt2", null, noticing);

    assertThat(noticing.notices)
        .hasSize(2)
        .allSatisfy(
            notice ->
                assertThat(notice)
                    .isInstanceOfSatisfying(
                        DownloadNotice.Retry.class,
                        retry -> assertThat(retry.attempt()).isEqualTo(2)));
  }

  @Test
  void aFileThatIsFetchedOnceMoreIsTold() throws IOException {
    byte[] wrong = weights.clone();
    wrong[77] ^= 1;
    hub.failNext(FILE, Fault.otherBytes(wrong));

    locator().locate("gpt2", null, noticing);

    assertThat(noticing.notices)
        .singleElement()
        .extracting(DownloadNotice::message)
        .isEqualTo(
            "fetching model.safetensors from the start again: its bytes do not have the checksum"
                + " that the hub states");
  }

  @Test
  void aServerThatDoesNotGoOnIsTold() throws IOException {
    hub.failNext(FILE, Fault.cutAt(100_000), Fault.noRanges());

    locator().locate("gpt2", null, noticing);

    assertThat(noticing.notices)
        .element(1)
        .isEqualTo(
            new DownloadNotice.Restart(FILE, "127.0.0.1 does not go on where the last try ended"));
  }

  @Test
  @Timeout(20)
  void waitingForSomebodyElseIsTold() throws IOException {
    Path lock = cache.resolve(".locks/models--gpt2/" + FakeModel.sha256(weights) + ".lock");
    Files.createDirectories(lock.getParent());
    FileChannel held = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    assertThat(held.lock().isValid()).isTrue();
    Noticing releasing =
        new Noticing() {
          @Override
          public void noticed(DownloadNotice notice) {
            super.noticed(notice);
            try {
              held.close();
            } catch (IOException e) {
              throw new AssertionError(e);
            }
          }
        };

    locator().locate("gpt2", null, releasing);

    assertThat(releasing.notices).containsExactly(new DownloadNotice.Busy(FILE));
    assertThat(releasing.notices.get(0).message())
        .isEqualTo("model.safetensors is being fetched by somebody else, waiting for that");
  }

  @Test
  void aModelThatIsUsedWithoutItsTokenizerIsTold() throws IOException {
    Path snapshot = locator().locate("gpt2");
    for (String part : List.of("tokenizer.json", "vocab.json")) {
      Files.delete(snapshot.resolve(part));
    }

    locator(settings().withOffline(true)).locate("gpt2", null, noticing);
    assertThat(noticing.notices)
        .singleElement()
        .extracting(DownloadNotice::message)
        .isEqualTo(
            snapshot
                + " is used without a tokenizer: the cache has none, and offline was asked for");

    noticing.notices.clear();
    hub.failNext("listing", Fault.status(401));
    locator().locate("gpt2", null, noticing);
    assertThat(noticing.notices)
        .singleElement()
        .extracting(DownloadNotice::message)
        .asString()
        .startsWith(snapshot + " is used without a tokenizer: gpt2 at revision " + COMMIT)
        .contains("(127.0.0.1 answers 401)");
  }

  @Test
  void whatGoesWellIsNotNoticed() throws IOException {
    locator().locate("gpt2", null, noticing);
    locator().locate("gpt2", null, noticing);
    assertThat(noticing.notices).isEmpty();
  }
}
