package dev.headlamp.weights;

import static dev.headlamp.weights.SafetensorsBytes.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is refused for being too much, and that nothing is allocated for it. */
class SafetensorsLimitsTest extends SafetensorsRulesTestCase {

  @Test
  void aHeaderOverTheFormatsLimitIsRefusedThoughTheFileIsLongEnough() throws IOException {
    Path path = folder.resolve("long-header.safetensors");
    Files.write(path, SafetensorsBytes.withHeaderLength(100_000_001, new byte[] {'{', '}'}));
    SparseFiles.setLength(path, 200_000_000);
    assertThatThrownBy(() -> SafetensorsFile.open(path))
        .isInstanceOf(CheckpointFormatException.class)
        .hasMessageContaining("at most 100000000");
  }

  @Test
  void moreThan32AxesAreRefused() {
    String axes = IntStream.range(0, 32).mapToObj(i -> "1").collect(Collectors.joining(","));
    assertRefused(
            SafetensorsBytes.of(
                "{" + entry("a", "U8", "[" + axes + ",1]", 0, 1) + "}", new byte[1]))
        .hasMessageContaining("at most 32 numbers in shape");
    assertThatCode(
            () ->
                SafetensorsBytes.open(
                        folder,
                        SafetensorsBytes.of(
                            "{" + entry("a", "U8", "[" + axes + "]", 0, 1) + "}", new byte[1]))
                    .close())
        .doesNotThrowAnyException();
  }

  @Test
  void moreThan100000EntriesAreRefused() {
    String header =
        IntStream.range(0, 100_001)
            .mapToObj(i -> entry("t" + i, "U8", "[0]", 0, 0))
            .collect(Collectors.joining(",", "{", "}"));
    assertThatThrownBy(() -> SafetensorsBytes.open(folder, SafetensorsBytes.of(header)).close())
        .isInstanceOf(CheckpointFormatException.class)
        .hasMessageContaining("at most 100000 tensors");
  }

  @Test
  void whatASmallFileClaimsIsNotAllocated() throws IOException {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long self = Thread.currentThread().getId();
    byte[] header = VALID.getBytes(StandardCharsets.UTF_8);
    byte[][] files = {
      SafetensorsBytes.withHeaderLength(99_999_999, header, new byte[2]),
      SafetensorsBytes.of("{" + entry("a", "U8", "[1099511627776]", 0, 1L << 40) + "}", new byte[2])
    };
    assertRefused(files[1]); // Loads the classes.
    for (byte[] file : files) {
      long before = threads.getThreadAllocatedBytes(self);
      assertRefused(file);
      assertThat(threads.getThreadAllocatedBytes(self) - before).isLessThan(1 << 20);
    }
  }
}
