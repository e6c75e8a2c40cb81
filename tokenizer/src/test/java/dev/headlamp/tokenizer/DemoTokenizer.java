package dev.headlamp.tokenizer;

import java.nio.file.Files;
import java.nio.file.Path;

/** The tokenizer of the demonstration model that this repository ships. */
final class DemoTokenizer {

  private static final String FOLDER = "experiments/models/ioi-demo";

  private DemoTokenizer() {}

  /** Returns the model's folder, wherever in the checkout the tests were started. */
  static Path folder() {
    Path start = Path.of("").toAbsolutePath();
    for (Path above = start; above != null; above = above.getParent()) {
      if (Files.isDirectory(above.resolve(FOLDER))) {
        return above.resolve(FOLDER);
      }
    }
    throw new IllegalStateException("no " + FOLDER + " above " + start);
  }

  static Tokenizer load() throws TokenizerFormatException {
    return Tokenizer.load(folder());
  }
}
