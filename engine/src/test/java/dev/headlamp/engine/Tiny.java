package dev.headlamp.engine;

import dev.headlamp.fixtures.Fixtures;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.nd4j.linalg.api.buffer.DataType;

/** The smallest fixture model, loaded once for all tests that only run it. */
final class Tiny {

  static final Gpt2 FLOAT = load(DataType.FLOAT);
  static final Gpt2 DOUBLE = load(DataType.DOUBLE);
  static final Gpt2Config CONFIG = FLOAT.config();

  private Tiny() {}

  private static Gpt2 load(DataType type) {
    try {
      return Gpt2.load(Fixtures.model("tiny"), type);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
