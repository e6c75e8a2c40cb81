package dev.headlamp.weights.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The files of a snapshot are links to the model's blobs, and to nothing else. */
@DisabledOnOs(OS.WINDOWS) // where making a link takes a privilege
class CacheLinksTest extends HubTestCase {

  private Path snapshot;
  private ModelLocator offline;

  @BeforeEach
  void fetchTheModel() throws IOException {
    addModel("gpt2");
    snapshot = locator().locate("gpt2");
    offline = locator(settings().withOffline(true));
  }

  @ParameterizedTest
  @ValueSource(strings = {"config.json", "tokenizer.json", "model.safetensors"})
  void aLinkThatLeadsOutOfTheCacheIsNotFollowed(String file) throws IOException {
    Path outside = Files.copy(snapshot.resolve(file), folder.resolve("outside"));
    Path link = relink(snapshot.resolve(file), outside);

    assertThatThrownBy(() -> offline.locate("gpt2"))
        .isInstanceOf(HubException.class)
        .hasMessageStartingWith(
            "the cached gpt2 at revision main: %s is a link out of the cache, which is not followed"
                .formatted(link));
  }

  @Test
  void anIndexThatIsALinkOutOfTheCacheIsNotRead() throws IOException {
    Files.delete(snapshot.resolve("model.safetensors"));
    Path secret = Files.writeString(folder.resolve("secret"), "not to be quoted");
    Path index = snapshot.resolve("model.safetensors.index.json");
    Files.createSymbolicLink(index, secret);

    assertThatThrownBy(() -> offline.locate("gpt2"))
        .hasMessageContaining(index + " is a link out of the cache")
        .hasMessageNotContaining("not to be quoted");
  }

  @Test
  void theHubIsAskedInPlaceOfALinkThatLeadsOut() throws IOException {
    Path outside = Files.write(folder.resolve("outside"), randomBytes(weights.length));
    relink(snapshot.resolve("model.safetensors"), outside);

    assertThat(locator().locate("gpt2")).isEqualTo(snapshot);

    assertThat(snapshot.resolve("model.safetensors")).hasBinaryContent(weights);
    assertThat(offline.locate("gpt2")).isEqualTo(snapshot);
  }

  @Test
  void aBlobThatIsALinkOutOfTheCacheIsFetchedAnew() throws IOException {
    Path blob = snapshot.resolve("model.safetensors").toRealPath();
    Path outside = Files.write(folder.resolve("outside"), new byte[weights.length]);
    relink(blob, outside);

    assertThat(locator().locate("gpt2").resolve("model.safetensors")).hasBinaryContent(weights);

    assertThat(blob).isRegularFile().satisfies(path -> assertThat(path).hasBinaryContent(weights));
    assertThat(outside).hasBinaryContent(new byte[weights.length]);
  }

  @Test
  void theCacheTheModelAndItsBlobsMayThemselvesBeLinks() throws IOException {
    moveAndLink(cache.resolve("models--gpt2/blobs"), "blobs");
    assertThat(offline.locate("gpt2")).isEqualTo(snapshot);
    moveAndLink(cache.resolve("models--gpt2"), "model");
    assertThat(offline.locate("gpt2")).isEqualTo(snapshot);
    moveAndLink(cache, "cache");
    assertThat(offline.locate("gpt2")).isEqualTo(snapshot);
  }

  @Test
  void whatIsNoPartOfTheCheckpointMayLeadAnywhere() throws IOException {
    Files.createSymbolicLink(snapshot.resolve("README.md"), folder.resolve("elsewhere"));
    assertThat(offline.locate("gpt2")).isEqualTo(snapshot);
  }

  @Test
  void aFolderThatTheUserNamesMayHoldLinksOfTheirOwn() throws IOException {
    Path mine = Files.createDirectory(folder.resolve("mine"));
    for (String file : new String[] {"config.json", "model.safetensors"}) {
      Files.createSymbolicLink(mine.resolve(file), snapshot.resolve(file));
    }
    assertThat(offline.locate(mine.toString())).isEqualTo(mine);
  }

  private static Path relink(Path link, Path target) throws IOException {
    Files.delete(link);
    return Files.createSymbolicLink(link, target);
  }

  private void moveAndLink(Path place, String name) throws IOException {
    Path moved = Files.move(place, folder.resolve("moved-" + name));
    Files.createSymbolicLink(place, moved);
  }
}
