package dev.headlamp.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.fixtures.JsonMutator;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ShardIndexTest {

  /** The parser's and the decoder's buffers, and what a value takes beyond its text. */
  private static final long CONSTANT_BYTES = 2 << 20;

  @TempDir private Path folder;

  @Test
  void shardsAndTheirTensorsAreSorted() throws IOException {
    ShardIndex index =
        read(
            "{\"weight_map\": {\"c\": \"2.safetensors\", \"b\": \"1.safetensors\", \"a\": \"2.safetensors\"}}");
    assertThat(index.shards()).containsExactly("1.safetensors", "2.safetensors");
    assertThat(index.tensorsIn("2.safetensors")).containsExactly("a", "c");
    assertThat(index.tensorsIn("3.safetensors")).isEmpty();
  }

  @Test
  void moreThanAThousandShardsAreRefused() throws IOException {
    assertThat(read(withShards(1000)).shards()).hasSize(1000);
    assertThatThrownBy(() -> read(withShards(1001)))
        .isInstanceOf(CheckpointFormatException.class)
        .hasMessageEndingWith("field weight_map: expected at most 1000 shards, found 1001 shards");
  }

  @Test
  void aNameThatIsLongIsQuotedInPart() {
    assertThatThrownBy(() -> read("{\"weight_map\": {\"a\": \"" + "x".repeat(100_000) + "\"}}"))
        .isInstanceOf(CheckpointFormatException.class)
        .hasMessageEndingWith("x…\" of 100000 characters")
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(1000));
  }

  @Test
  void anIndexThatIsTooLongOrMissingIsNotRead() throws IOException {
    Path path = folder.resolve("index.json");
    SparseFiles.setLength(path, ShardIndex.MAX_BYTES + 1);
    assertThatThrownBy(() -> ShardIndex.read(path))
        .isInstanceOf(CheckpointFormatException.class)
        .hasMessageContaining("at most 16777216 bytes, found 16777217 bytes");
    assertThatThrownBy(() -> ShardIndex.read(folder.resolve("none")))
        .isInstanceOf(NoSuchFileException.class);
  }

  @Test
  @Timeout(60)
  void aDamagedIndexIsRefusedOrNamesPlainFilesAndTakesLittleMemory() throws IOException {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long self = Thread.currentThread().getId();
    String sound = Files.readString(Fixtures.file("sharded", "model.safetensors.index.json"));
    assertThat(read(sound).shards()).hasSize(2); // Loads the classes.
    JsonMutator mutator = new JsonMutator(11, sound);
    int refused = 0;
    for (int i = 0; i < 2_000; i++) {
      String damaged = mutator.next();
      Path path = Files.writeString(folder.resolve("index.json"), damaged);
      long before = threads.getThreadAllocatedBytes(self);
      try {
        assertThat(ShardIndex.read(path).shards()).isNotEmpty().allMatch(this::staysInTheFolder);
      } catch (CheckpointFormatException e) {
        assertThat(e).hasMessageStartingWith(path + ": ");
        refused++;
      }
      assertThat(threads.getThreadAllocatedBytes(self) - before)
          .as("bytes allocated for file %d", i)
          .isLessThan(20L * damaged.length() + CONSTANT_BYTES);
    }
    assertThat(refused).isBetween(500, 1_999);
  }

  private boolean staysInTheFolder(String shard) {
    return folder.resolve(shard).normalize().getParent().equals(folder);
  }

  private ShardIndex read(String json) throws IOException {
    return ShardIndex.read(Files.writeString(folder.resolve("index.json"), json));
  }

  private static String withShards(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> "\"t%d\": \"s%d.safetensors\"".formatted(i, i))
        .collect(Collectors.joining(",", "{\"weight_map\": {", "}}"));
  }
}
