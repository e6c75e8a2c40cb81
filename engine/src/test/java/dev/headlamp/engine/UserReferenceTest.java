package dev.headlamp.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.weights.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * A checkpoint of the reader's own against what Hugging Face computes on it: the folder and the
 * file that {@code docs/reference/hf_reference.py} wrote are named by system properties.
 */
class UserReferenceTest {

  private static final String MODEL = "headlamp.reference.model";
  private static final String FILE = "headlamp.reference.file";

  @Test
  void aModelOfTheReadersOwnGivesInFloat32WhatHuggingFaceGives() throws IOException {
    compare(DataType.FLOAT, "f32", 1e-4);
  }

  /** GPT-Neo is held to less: Hugging Face computes its attention in float32 in any case. */
  @Test
  void aModelOfTheReadersOwnGivesInFloat64WhatHuggingFaceGives() throws IOException {
    compare(DataType.DOUBLE, "f64", 1e-9);
  }

  private static void compare(DataType type, String precision, double tolerance)
      throws IOException {
    boolean anyGiven = System.getProperty(MODEL) != null || System.getProperty(FILE) != null;
    require(anyGiven, "neither -D%s nor -D%s is given".formatted(MODEL, FILE));
    try (SafetensorsFile file = SafetensorsFile.open(path(FILE))) {
      HuggingFaceReference reference = new HuggingFaceReference(file);
      require(reference.has(precision), "%s holds no %s.logits".formatted(file.path(), precision));
      try (Gpt2 model = Gpt2.load(path(MODEL), type)) {
        boolean local = model.config().attentionWindows().stream().anyMatch(window -> window > 0);
        reference.compare(
            model.config().name() + " " + type, model, precision, local ? 1e-4 : tolerance);
      }
    }
  }

  /** Skips the test if it cannot be run, and says why where Maven's output is read. */
  private static void require(boolean present, String reason) {
    if (!present) {
      System.out.println("UserReferenceTest is skipped: " + reason);
    }
    assumeTrue(present, reason);
  }

  /** Returns the path that a property gives, relative to the root of the checkout. */
  private static Path path(String property) {
    String given = System.getProperty(property);
    assertThat(given).as("-D%s, which belongs with the other property", property).isNotNull();
    return Fixtures.repository().resolve(given);
  }
}
