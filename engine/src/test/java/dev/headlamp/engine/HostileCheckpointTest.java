package dev.headlamp.engine;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.fixtures.JsonMutator;
import dev.headlamp.fixtures.VirtualMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A checkpoint from hostile hands: whatever its files say, a model comes out that runs, or an
 * {@link IOException}; soon, and without memory for what is not there.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HostileCheckpointTest {

  private static final String CONFIG = "config.json";
  private static final String INDEX = "model.safetensors.index.json";
  private static final String SHARD = "model-00001-of-00002.safetensors";
  private static final String OTHER_SHARD = "model-00002-of-00002.safetensors";

  /**
   * More than the allocator reserves, less than any size that a mutation states and that is big.
   */
  private static final long SLACK_KIB = 1 << 20;

  @TempDir private Path folder;

  @BeforeEach
  void copyTheShardedModel() throws IOException {
    for (String file : List.of(CONFIG, INDEX, SHARD, OTHER_SHARD)) {
      Files.copy(Fixtures.file("sharded", file), folder.resolve(file));
    }
  }

  @Test
  void aDamagedConfigIsRefusedOrGivesAModelThatRuns() throws IOException {
    assertEachIsRefusedOrRuns(800, CONFIG);
  }

  @Test
  void aDamagedIndexIsRefusedOrGivesAModelThatRuns() throws IOException {
    assertEachIsRefusedOrRuns(600, INDEX);
  }

  @Test
  void aDamagedHeaderIsRefusedOrGivesAModelThatRuns() throws IOException {
    byte[] file = Files.readAllBytes(folder.resolve(SHARD));
    int length = (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
    byte[] data = Arrays.copyOfRange(file, 8 + length, file.length);
    JsonMutator mutator = new JsonMutator(3, new String(file, 8, length, ISO_8859_1));
    long before = VirtualMemory.peakKib();
    for (int i = 0; i < 600; i++) {
      byte[] header = mutator.next().getBytes(ISO_8859_1);
      Files.write(
          folder.resolve(SHARD),
          ByteBuffer.allocate(8 + header.length + data.length)
              .order(ByteOrder.LITTLE_ENDIAN)
              .putLong(header.length)
              .put(header)
              .put(data)
              .array());
      loadAndRun();
    }
    assertThat(VirtualMemory.peakKib() - before).isLessThan(SLACK_KIB);
  }

  private void assertEachIsRefusedOrRuns(int count, String file) throws IOException {
    JsonMutator mutator = new JsonMutator(count, Files.readString(folder.resolve(file)));
    long before = VirtualMemory.peakKib();
    int refused = 0;
    for (int i = 0; i < count; i++) {
      Files.writeString(folder.resolve(file), mutator.next());
      refused += loadAndRun() ? 0 : 1;
    }
    assertThat(refused).isBetween(count / 4, count - 1);
    assertThat(VirtualMemory.peakKib() - before).isLessThan(SLACK_KIB);
  }

  /** Returns whether the checkpoint could be loaded; anything but an IOException fails the test. */
  private boolean loadAndRun() {
    try (Gpt2 model = Gpt2.load(folder)) {
      model.run(RunSpec.of(TokenBatch.of(new int[] {0}))).close();
      return true;
    } catch (IOException e) {
      assertThat(e.getMessage()).contains(folder.toString());
      return false;
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../outside.safetensors",
        "/tmp/outside.safetensors",
        "sub/outside.safetensors",
        "..\\\\outside.safetensors",
        "C:outside.safetensors",
        "config.json",
        "..",
        ""
      })
  void aShardOutsideTheFolderIsRefusedByItsName(String name) throws IOException {
    String index = Files.readString(folder.resolve(INDEX)).replace(SHARD, name);
    Files.writeString(folder.resolve(INDEX), index);
    assertThatThrownBy(() -> Gpt2.load(folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(INDEX)
        .hasMessageContaining("the plain name of a .safetensors file in the same folder");
  }

  @Test
  void aLinkThatIsAFileOfTheCacheIsFollowed() throws IOException {
    Path elsewhere = Files.createDirectory(folder.resolve("blobs")).resolve("0123");
    Files.move(folder.resolve(SHARD), elsewhere);
    Files.createSymbolicLink(folder.resolve(SHARD), elsewhere);
    assertThat(loadAndRun()).isTrue();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aLinkToWhatIsNoFileIsRefusedAndNotReadForEver() throws Exception {
    Path pipe = folder.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor(10, TimeUnit.SECONDS))
        .isTrue();
    for (Path target : List.of(pipe, Path.of("/dev/zero"), folder, folder.resolve("none"))) {
      for (String file : List.of(CONFIG, INDEX, SHARD)) {
        Path original = folder.resolve(file + ".original");
        Files.move(folder.resolve(file), original);
        Files.createSymbolicLink(folder.resolve(file), target);
        assertThatThrownBy(() -> Gpt2.load(folder))
            .as("%s linked to %s", file, target)
            .isInstanceOf(IOException.class);
        Files.delete(folder.resolve(file));
        Files.move(original, folder.resolve(file));
      }
    }
    assertThat(loadAndRun()).isTrue();
  }
}
