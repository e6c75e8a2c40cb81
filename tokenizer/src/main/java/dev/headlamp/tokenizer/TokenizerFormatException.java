package dev.headlamp.tokenizer;

import java.io.IOException;
import java.nio.file.Path;

/** A tokenizer's files are missing, unreadable or say something that cannot be. */
public final class TokenizerFormatException extends IOException {

  private static final long serialVersionUID = 1L;

  TokenizerFormatException(Path source, String problem) {
    super(source + ": " + problem);
  }

  TokenizerFormatException(Path source, String problem, Throwable cause) {
    super(source + ": " + problem, cause);
  }
}
