package dev.headlamp.weights.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.headlamp.fixtures.FakeHub;
import dev.headlamp.fixtures.FakeModel;
import dev.headlamp.fixtures.JsonMutator;
import dev.headlamp.weights.ShardIndex;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A hub that serves what nobody should keep. */
class HostileHubTest extends HubTestCase {

  private static final String INDEX = "model.safetensors.index.json";

  private static final Pattern EXPECTED_PATH =
      Pattern.compile(
          "/api/models/big/revision/[0-9a-f]{40}"
              + "|/big/resolve/[0-9a-f]{40}/(config|model\\.safetensors\\.index)\\.json"
              + "|/big/(resolve/[0-9a-f]{40}/)?one\\.safetensors");

  /** Of bytes that are never fetched. */
  private static final String ANY_SHA256 = "0123456789abcdef".repeat(4);

  @ParameterizedTest
  @CsvSource({
    "config.json, 16777216",
    INDEX + ", 16777216",
    "tokenizer.json, 67108864",
    "vocab.json, 67108864",
    "merges.txt, 67108864",
    "tokenizer_config.json, 67108864",
    "special_tokens_map.json, 67108864",
    "added_tokens.json, 67108864"
  })
  void aFileThatIsLongerThanItsReaderTakesIsNotFetched(String file, long most) {
    FakeModel model = hub.add("gpt2", COMMIT).small("config.json", "{}").small(INDEX, "{}");
    model.stated(file, new byte[0], ANY_SHA256, String.valueOf(most + 1));

    assertThatThrownBy(() -> locator().locate("gpt2"))
        .isInstanceOf(HubException.class)
        .hasMessage(
            "%s of gpt2 at commit %s is not fetched: at most %d bytes of it would be read, and the hub states %d"
                .formatted(file, COMMIT, most, most + 1));
    assertThat(hub.requests())
        .noneMatch(request -> request.method().equals("GET") && request.path().contains("resolve"));
    assertThat(cache).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}",
        "{\"weight_map\": {}}",
        "{\"weight_map\": {\"a\": \"../a.safetensors\"}}",
        "{\"weight_map\": {\"a\": \"a.safetensors\", \"a\": \"b.safetensors\"}}",
        "{\"weight_map\": {\"a\": \"a.safetensors\"}} x",
        "{\"weight_map\": {\"a\": \"a.safetensors?x\"}}",
      })
  void anIndexThatItsReaderRefusesIsRefusedInTheSameWords(String index) {
    addSharded(COMMIT, index);

    Path fetched = cache.resolve("models--big/snapshots/" + COMMIT).resolve(INDEX);
    assertThatThrownBy(() -> locator().locate("big"))
        .isInstanceOf(HubException.class)
        .satisfies(
            refused ->
                assertThat(refused)
                    .hasMessage(catchThrowable(() -> ShardIndex.read(fetched)).getMessage()));
    assertThat(hub.requestsToCdn()).isEmpty();
    assertThat(cache.resolve("models--big/refs")).doesNotExist();
  }

  @Test
  void shardsThatTheHubDoesNotListAreNotAskedFor() {
    addSharded(
        COMMIT, "{\"weight_map\": {\"a\": \"one.safetensors\", \"b\": \"two.safetensors\"}}");

    assertThatThrownBy(() -> locator().locate("big"))
        .isInstanceOf(HubException.class)
        .hasMessage(
            "big at revision main (commit %s) has no two.safetensors, which its %s names"
                .formatted(COMMIT, INDEX));
    assertThat(hub.requests()).noneMatch(request -> request.path().endsWith(".safetensors"));
  }

  @Test
  @Timeout(120)
  void whateverAnIndexSaysNothingIsAskedForOrWrittenElsewhere() throws IOException {
    String sound =
        "{\"metadata\": {\"total_size\": 30}, \"weight_map\": {\"a\": \"one.safetensors\", \"b\":"
            + " \"one.safetensors\"}}";
    JsonMutator mutator = new JsonMutator(5, sound);
    int refused = 0;
    for (int i = 0; i < 150; i++) {
      String commit = "%040x".formatted(i);
      addSharded(commit, mutator.next());
      try {
        Path snapshot = locator().locate("big", commit, DownloadListener.NONE);
        assertThat(snapshot.resolve("one.safetensors")).hasBinaryContent(weights);
      } catch (HubException e) {
        refused++;
      }
    }
    assertThat(refused).isBetween(30, 149);
    assertThat(hub.requests())
        .extracting(FakeHub.Request::path)
        .allMatch(path -> EXPECTED_PATH.matcher(path).matches());
    assertThat(folder).isDirectoryNotContaining(path -> !path.equals(cache));
    assertThat(List.of(cache.toFile().list())).containsExactlyInAnyOrder("models--big", ".locks");
  }

  private void addSharded(String commit, String index) {
    hub.add("big", commit)
        .small("config.json", "{}")
        .small(INDEX, index)
        .large("one.safetensors", weights);
  }
}
