package dev.headlamp.weights.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.headlamp.weights.ShardIndex;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Folders, and caches as Python leaves them; the hub here knows no model. */
class LocalModelsTest extends HubTestCase {

  @Test
  void aFolderIsItself() throws IOException {
    Path model = checkpoint(folder.resolve("mine"));

    assertThat(locator().locate(model.toString())).isEqualTo(model);
    assertThat(hub.requests()).isEmpty();
  }

  @Test
  void aFolderWithoutACheckpointIsRefused() throws IOException {
    Path empty = Files.createDirectory(folder.resolve("empty"));
    assertThatThrownBy(() -> locator().locate(empty.toString()))
        .isInstanceOf(HubException.class)
        .hasMessage("the folder " + empty + " has no model.safetensors");

    Path bare = checkpoint(folder.resolve("bare"));
    Files.delete(bare.resolve("config.json"));
    assertThatThrownBy(() -> locator().locate(bare.toString()))
        .hasMessage("the folder " + bare + " has no config.json");
  }

  @Test
  void aFolderHasNoRevisions() throws IOException {
    Path model = checkpoint(folder.resolve("mine"));
    assertThatThrownBy(() -> locator().locate(model.toString(), "main", DownloadListener.NONE))
        .hasMessageContaining("which has no revisions");
  }

  @Test
  void aFolderWithPickledWeightsIsRefusedWithTheCommandThatConvertsIt() throws IOException {
    Path model = Files.createDirectory(folder.resolve("pickled"));
    Files.writeString(model.resolve("config.json"), "{}");
    Files.writeString(model.resolve("pytorch_model.bin"), "x");

    assertThatThrownBy(() -> locator().locate(model.toString()))
        .hasMessageEndingWith(
            "convert it once with: python3 docs/reference/to_safetensors.py \"" + model + "\"");
  }

  @Test
  void aFolderThatLacksAShardIsRefused() throws IOException {
    Path model = checkpoint(folder.resolve("sharded"));
    Files.delete(model.resolve("model.safetensors"));
    Files.writeString(model.resolve("model-1.safetensors"), "x");
    index(model, "\"a\": \"model-1.safetensors\", \"b\": \"model-2.safetensors\"");

    assertThatThrownBy(() -> locator().locate(model.toString()))
        .hasMessageContaining("has no model-2.safetensors, which its model.safetensors.index.json");
    Files.writeString(model.resolve("model-2.safetensors"), "x");
    assertThat(locator().locate(model.toString())).isEqualTo(model);
  }

  @Test
  void anIndexThatLeadsOutOfItsFolderIsRefused() throws IOException {
    Path model = checkpoint(folder.resolve("escaping"));
    Files.delete(model.resolve("model.safetensors"));
    for (String shard : new String[] {"../other.safetensors", "/x.safetensors", ".safetensors"}) {
      index(model, "\"a\": \"" + shard + "\"");
      assertRefusedAsByTheReader(model)
          .hasMessageEndingWith(
              "tensor a: expected the plain name of a .safetensors file in the same folder, found \""
                  + shard
                  + "\"");
    }
    index(model, "");
    assertRefusedAsByTheReader(model).hasMessageContaining("weight_map");
    Files.writeString(model.resolve("model.safetensors.index.json"), "{\"weight_map\": {\"a\"");
    assertRefusedAsByTheReader(model).hasMessageContaining("strict JSON");
  }

  /** Whoever looks for a model and whoever opens it hold the index to the same rules. */
  private AbstractThrowableAssert<?, ? extends Throwable> assertRefusedAsByTheReader(Path model) {
    Throwable reading =
        catchThrowable(() -> ShardIndex.read(model.resolve("model.safetensors.index.json")));
    return assertThatThrownBy(() -> locator().locate(model.toString()))
        .isInstanceOf(HubException.class)
        .hasMessage(reading.getMessage());
  }

  @Test
  void aFolderInPlaceOfAFileIsCalledOne() throws IOException {
    for (String file : List.of("config.json", "model.safetensors")) {
      Path model = checkpoint(folder.resolve("with-a-folder-as-" + file));
      Files.delete(model.resolve(file));
      Files.createDirectory(model.resolve(file));
      assertThatThrownBy(() -> locator().locate(model.toString()))
          .isInstanceOf(HubException.class)
          .hasMessage("the folder " + model + ": " + file + " is a folder, not a regular file");
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  @Timeout(10)
  void aPipeOrADeviceInPlaceOfAFileIsCalledOneAndNotOpened() throws Exception {
    Path pipe = folder.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    for (Path target : List.of(pipe, Path.of("/dev/zero"))) {
      for (String file : List.of("config.json", "model-1.safetensors")) {
        Path model = checkpoint(folder.resolve(file + "-as-" + target.getFileName()));
        Files.delete(model.resolve("model.safetensors"));
        Files.writeString(model.resolve("model-1.safetensors"), "x");
        index(model, "\"a\": \"model-1.safetensors\"");
        Files.delete(model.resolve(file));
        Files.createSymbolicLink(model.resolve(file), target);
        assertThatThrownBy(() -> locator().locate(model.toString()))
            .hasMessageEndingWith(file + " is a pipe or a device, not a regular file");
      }
    }
  }

  @Test
  void aModelThatPythonCachedIsFoundUnderEitherOfItsNames() throws IOException {
    Path snapshot = pythonCache("models--openai-community--gpt2", COMMIT, "main");

    assertThat(locator().locate("gpt2")).isEqualTo(snapshot);
    assertThat(locator().locate("gpt2-small")).isEqualTo(snapshot);
    assertThat(locator().locate("openai-community/gpt2")).isEqualTo(snapshot);
    assertThat(hub.requests()).isEmpty();
  }

  @Test
  void aBranchATagAndACommitAreFound() throws IOException {
    Path main = pythonCache("models--gpt2", COMMIT, "main");
    Path tagged = pythonCache("models--gpt2", OTHER_COMMIT, "refs/pr/1");

    assertThat(locator().locate("gpt2", null, DownloadListener.NONE)).isEqualTo(main);
    assertThat(locator().locate("gpt2", "refs/pr/1", DownloadListener.NONE)).isEqualTo(tagged);
    assertThat(locator().locate("gpt2", OTHER_COMMIT, DownloadListener.NONE)).isEqualTo(tagged);
  }

  @Test
  void aReferenceThatIsNoCommitIsNotRead() throws IOException {
    pythonCache("models--gpt2", COMMIT, "main");
    Files.writeString(cache.resolve("models--gpt2/refs/main"), COMMIT + " ".repeat(1000));

    assertThatThrownBy(() -> locator(settings().withOffline(true)).locate("gpt2"))
        .hasMessageContaining("gpt2 at revision main is not in the cache");
  }

  @Test
  void aReferenceThatLeadsOutOfTheCacheIsNotFollowed() throws IOException {
    pythonCache("models--gpt2", COMMIT, "main");
    checkpoint(folder.resolve("outside"));
    Files.writeString(cache.resolve("models--gpt2/refs/main"), "../../../outside");

    assertThatThrownBy(() -> locator(settings().withOffline(true)).locate("gpt2"))
        .hasMessageContaining("gpt2 at revision main is not in the cache");
  }

  @Test
  void offlineASnapshotWithoutTokenizerIsUsedAsItIs() throws IOException {
    Path snapshot = pythonCache("models--gpt2", COMMIT, "main");
    Files.delete(snapshot.resolve("tokenizer.json"));

    assertThat(locator(settings().withOffline(true)).locate("gpt2")).isEqualTo(snapshot);
  }

  @Test
  void aTokenizerThatIsMarkedAbsentIsNotAskedFor() throws IOException {
    Path snapshot = pythonCache("models--gpt2", COMMIT, "main");
    Files.delete(snapshot.resolve("tokenizer.json"));
    Path marks = Files.createDirectories(cache.resolve("models--gpt2/.no_exist/" + COMMIT));
    for (String name : new String[] {"tokenizer.json", "vocab.json", "merges.txt"}) {
      Files.createFile(marks.resolve(name));
    }

    assertThat(locator().locate("gpt2")).isEqualTo(snapshot);
    assertThat(hub.requests()).isEmpty();
  }

  @Test
  void offlineWhatIsMissingIsSaid() throws IOException {
    ModelLocator offline = locator(settings().withOffline(true));
    assertThatThrownBy(() -> offline.locate("gpt2"))
        .isInstanceOf(HubException.class)
        .hasMessage(
            "gpt2 at revision main is not in the cache "
                + cache
                + "; it is not fetched, because offline was asked for, by an option or HF_HUB_OFFLINE");

    Path snapshot = pythonCache("models--gpt2", COMMIT, "main");
    Files.delete(snapshot.resolve("model.safetensors"));
    assertThatThrownBy(() -> offline.locate("gpt2"))
        .hasMessageStartingWith(
            "the cached gpt2 at revision main has no model.safetensors; it is not fetched");
    assertThat(hub.requests()).isEmpty();
  }

  @Test
  void aBrokenLinkIsNoFile() throws IOException {
    Path snapshot = pythonCache("models--gpt2", COMMIT, "main");
    Files.delete(snapshot.resolve("model.safetensors").toRealPath());

    assertThatThrownBy(() -> locator(settings().withOffline(true)).locate("gpt2"))
        .hasMessageContaining("has no model.safetensors");
  }

  /** Lays out a model in the cache as huggingface_hub does. */
  private Path pythonCache(String model, String commit, String ref) throws IOException {
    Path snapshot = cache.resolve(model).resolve("snapshots").resolve(commit);
    Path blobs = Files.createDirectories(cache.resolve(model).resolve("blobs"));
    Files.createDirectories(snapshot);
    for (String name : new String[] {"config.json", "model.safetensors", "tokenizer.json"}) {
      Files.writeString(blobs.resolve(commit + name), name);
      Files.createSymbolicLink(snapshot.resolve(name), Path.of("../../blobs", commit + name));
    }
    Path reference = cache.resolve(model).resolve("refs").resolve(ref);
    Files.createDirectories(reference.getParent());
    Files.writeString(reference, commit);
    return snapshot;
  }

  private static Path checkpoint(Path folder) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("config.json"), "{}");
    Files.writeString(folder.resolve("model.safetensors"), "x");
    return folder;
  }

  private static void index(Path folder, String weightMap) throws IOException {
    Files.writeString(
        folder.resolve("model.safetensors.index.json"),
        "{\"metadata\": {\"total_size\": 1}, \"weight_map\": {" + weightMap + "}}");
  }
}
