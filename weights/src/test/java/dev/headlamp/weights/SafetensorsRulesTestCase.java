package dev.headlamp.weights;

import static dev.headlamp.weights.SafetensorsBytes.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.io.TempDir;

/**
 * A folder, a small file that keeps every rule of the format, and how one that breaks one is
 * refused.
 */
abstract class SafetensorsRulesTestCase {

  static final String VALID = "{" + entry("a", "U8", "[2]", 0, 2) + "}";

  @TempDir Path folder;

  AbstractThrowableAssert<?, ? extends Throwable> assertRefused(byte[] bytes) {
    assertThat(SafetensorsChecker.check(bytes)).as("what the checker finds").isEmpty();
    return assertThatThrownBy(() -> SafetensorsBytes.open(folder, bytes).close())
        .isExactlyInstanceOf(CheckpointFormatException.class)
        .hasMessageContaining("x.safetensors");
  }
}
