package dev.headlamp.weights.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Downloads that go well, and what they leave in the cache. */
class ModelDownloadTest extends HubTestCase {

  @Test
  void aDownloadLeavesTheLayoutThatPythonReads() throws IOException {
    hub.add("somebody/tiny", COMMIT)
        // The names of the blobs are those of `git hash-object` and `sha256sum`.
        .small("config.json", "hello world\n")
        .large("model.safetensors", "abc".getBytes(StandardCharsets.US_ASCII));

    Path snapshot = locator().locate("somebody/tiny");

    String config = "3b18e512dba79e4c8300dd08aeb37f8e728b8dad";
    String weights = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assertThat(snapshot).isEqualTo(cache.resolve("models--somebody--tiny/snapshots/" + COMMIT));
    assertThat(cached("models--somebody--tiny"))
        .containsExactly(
            ".no_exist/" + COMMIT + "/merges.txt",
            ".no_exist/" + COMMIT + "/tokenizer.json",
            ".no_exist/" + COMMIT + "/vocab.json",
            "blobs/" + config,
            "blobs/" + weights,
            "refs/main",
            "snapshots/" + COMMIT + "/config.json",
            "snapshots/" + COMMIT + "/model.safetensors");
    assertThat(Files.readString(cache.resolve("models--somebody--tiny/refs/main")))
        .isEqualTo(COMMIT);
    assertThat(Files.readSymbolicLink(snapshot.resolve("config.json")))
        .isEqualTo(Path.of("../../blobs", config));
    assertThat(Files.readSymbolicLink(snapshot.resolve("model.safetensors")))
        .isEqualTo(Path.of("../../blobs", weights));
    assertThat(cached(".locks"))
        .containsExactly(
            "models--somebody--tiny/" + config + ".lock",
            "models--somebody--tiny/" + weights + ".lock");
  }

  @Test
  void onlyWhatIsNeededIsFetched() throws IOException {
    addModel("gpt2").small("onnx/config.json", "{}").small("../escape.json", "{}");

    Path snapshot = locator().locate("gpt2");

    try (var files = Files.list(snapshot)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "config.json", "tokenizer.json", "vocab.json", "merges.txt", "model.safetensors");
    }
    assertThat(snapshot.resolve("model.safetensors")).hasBinaryContent(weights);
    assertThat(hub.requestsToCdn()).hasSize(1);
  }

  @Test
  void whatIsInTheCacheIsNotFetchedAgain() throws IOException {
    addModel("gpt2");
    Path first = locator().locate("gpt2");
    int requests = hub.requests().size();

    assertThat(locator().locate("gpt2")).isEqualTo(first);
    assertThat(locator(settings().withOffline(true)).locate("gpt2")).isEqualTo(first);
    assertThat(hub.requests()).hasSize(requests);
  }

  @Test
  void aFileThatTwoCommitsShareIsFetchedOnce() throws IOException {
    addModel("gpt2");
    locator().locate("gpt2");
    hub.add("gpt2", OTHER_COMMIT)
        .small("config.json", "{\"changed\": true}")
        .large("model.safetensors", weights);

    Path other = locator().locate("gpt2", "other", DownloadListener.NONE);

    assertThat(other.resolve("model.safetensors")).hasBinaryContent(weights);
    assertThat(hub.requestsToCdn()).hasSize(1);
    assertThat(cache.resolve("models--gpt2/refs/main")).hasContent(COMMIT);
    assertThat(cache.resolve("models--gpt2/refs/other")).hasContent(OTHER_COMMIT);
  }

  @Test
  void aModelThatWasRenamedIsFetchedThroughTheRedirect() throws IOException {
    addModel("openai-community/gpt2");
    hub.rename("gpt2", "openai-community/gpt2");

    Path snapshot = locator().locate("gpt2");

    assertThat(snapshot).isEqualTo(cache.resolve("models--gpt2/snapshots/" + COMMIT));
    assertThat(snapshot.resolve("model.safetensors")).hasBinaryContent(weights);
  }

  @Test
  void aCommitLeavesNoReference() throws IOException {
    addModel("gpt2");
    locator().locate("gpt2", COMMIT, DownloadListener.NONE);
    assertThat(cache.resolve("models--gpt2/refs")).doesNotExist();
    assertThat(hub.requests().get(0).path()).isEqualTo("/api/models/gpt2/revision/" + COMMIT);
  }

  @Test
  void theShardsThatTheIndexNamesAreFetched() throws IOException {
    String index =
        """
        {"metadata": {"total_size": 5},
         "weight_map": {"a": "model-00001-of-00002.safetensors",
                        "b": "model-00002-of-00002.safetensors",
                        "c": "model-00001-of-00002.safetensors"}}
        """;
    hub.add("big", COMMIT)
        .small("config.json", "{}")
        .small("model.safetensors.index.json", index)
        .large("model-00001-of-00002.safetensors", randomBytes(10))
        .large("model-00002-of-00002.safetensors", randomBytes(20))
        .large("model-00003-of-00003.safetensors", randomBytes(30));

    Path snapshot = locator().locate("big");

    assertThat(snapshot.resolve("model-00001-of-00002.safetensors"))
        .hasBinaryContent(randomBytes(10));
    assertThat(snapshot.resolve("model-00002-of-00002.safetensors"))
        .hasBinaryContent(randomBytes(20));
    assertThat(snapshot.resolve("model-00003-of-00003.safetensors")).doesNotExist();
  }

  @Test
  void aSnapshotWithoutTokenizerIsCompletedAtItsOwnCommit() throws IOException {
    addModel("gpt2");
    Path snapshot = locator().locate("gpt2");
    for (String name : List.of("tokenizer.json", "vocab.json", "merges.txt")) {
      Files.delete(snapshot.resolve(name));
    }
    int before = hub.requests().size();

    assertThat(locator().locate("gpt2")).isEqualTo(snapshot);

    assertThat(snapshot.resolve("tokenizer.json")).hasContent("{\"version\": \"1.0\"}");
    assertThat(hub.requests().get(before).path()).isEqualTo("/api/models/gpt2/revision/" + COMMIT);
    assertThat(hub.requestsToCdn()).hasSize(1);
  }

  @Test
  void aSnapshotThatCannotBeCompletedIsStillUsed() throws IOException {
    addModel("gpt2");
    Path snapshot = locator().locate("gpt2");
    Files.delete(snapshot.resolve("tokenizer.json"));
    Files.delete(snapshot.resolve("vocab.json"));
    hub.close();

    assertThat(locator().locate("gpt2")).isEqualTo(snapshot);
  }

  @Test
  void whereThereAreNoLinksTheFilesLieInTheSnapshot() throws IOException {
    addModel("gpt2");
    ModelLocator locator =
        new ModelLocator(
            settings(),
            policy(),
            (link, target) -> {
              throw new UnsupportedOperationException("no links here");
            });

    Path snapshot = locator.locate("gpt2");

    assertThat(Files.isRegularFile(snapshot.resolve("config.json"), LinkOption.NOFOLLOW_LINKS))
        .isTrue();
    assertThat(snapshot.resolve("model.safetensors")).hasBinaryContent(weights);
    assertThat(cached("models--gpt2")).noneMatch(file -> file.startsWith("blobs"));
  }

  @Test
  void pickledWeightsAreRefusedWithTheCommandThatConvertsThem() {
    hub.add("stanford-crfm/alias-gpt2-small-x21", COMMIT)
        .small("config.json", "{}")
        .large("pytorch_model.bin", randomBytes(100));

    assertThatThrownBy(
            () ->
                locator().locate("stanford-gpt2-small-a", "checkpoint-100", DownloadListener.NONE))
        .isInstanceOf(HubException.class)
        .hasMessageContaining("stanford-crfm/alias-gpt2-small-x21 at revision checkpoint-100")
        .hasMessageEndingWith(
            "convert it once with: python3 docs/reference/to_safetensors.py"
                + " stanford-crfm/alias-gpt2-small-x21 --revision checkpoint-100"
                + " --output alias-gpt2-small-x21");
    assertThat(hub.requestsToCdn()).isEmpty();
    assertThat(cache).doesNotExist();
  }

  @Test
  void progressCountsEveryByteOnce() throws IOException {
    addModel("gpt2");
    List<DownloadProgress> told = new ArrayList<>();

    locator().locate("gpt2", null, told::add);

    String small = "{\"model_type\": \"gpt2\"}{\"version\": \"1.0\"}{}#version: 0.2\n";
    long size = (long) weights.length + small.length();
    assertThat(told).extracting(DownloadProgress::size).containsOnly(size);
    assertThat(told).extracting(DownloadProgress::bytes).isSorted();
    DownloadProgress last = told.get(told.size() - 1);
    assertThat(last.bytes()).isEqualTo(size);
    assertThat(last.file()).isEqualTo("model.safetensors");
    assertThat(last.fileBytes()).isEqualTo(weights.length);
    assertThat(last.bytesPerSecond()).isPositive();
  }
}
