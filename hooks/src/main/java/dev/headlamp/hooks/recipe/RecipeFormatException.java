package dev.headlamp.hooks.recipe;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A file is no recipe; the message names the file, the place in it, and what is wrong there. */
public final class RecipeFormatException extends IOException {

  private static final long serialVersionUID = 1L;

  RecipeFormatException(Path file, String place, String problem) {
    this(file, place, problem, null);
  }

  RecipeFormatException(Path file, String place, String problem, @Nullable Throwable cause) {
    super(file + ": " + place + ": " + problem, cause);
  }
}
