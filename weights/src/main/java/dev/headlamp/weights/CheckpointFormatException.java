package dev.headlamp.weights;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A checkpoint's file is not what it has to be: broken, cut short, or without what was asked of it.
 *
 * <p>The message names the file, the place in it, what was expected there and what was found.
 */
public final class CheckpointFormatException extends IOException {

  private static final long serialVersionUID = 1L;

  private final String file;
  private final String place;
  private final String expected;
  private final String actual;

  /**
   * @param file the file that is wrong
   * @param place where in the file, such as {@code tensor wte.weight} or {@code field n_layer}
   * @param expected what has to be there
   * @param actual what is there instead
   */
  public CheckpointFormatException(Path file, String place, String expected, String actual) {
    this(file, place, expected, actual, null);
  }

  /**
   * @param file the file that is wrong
   * @param place where in the file, such as {@code tensor wte.weight} or {@code field n_layer}
   * @param expected what has to be there
   * @param actual what is there instead
   * @param cause what noticed it, if another exception did
   */
  public CheckpointFormatException(
      Path file, String place, String expected, String actual, @Nullable Throwable cause) {
    super(file + ": " + place + ": expected " + expected + ", found " + actual, cause);
    this.file = file.toString();
    this.place = place;
    this.expected = expected;
    this.actual = actual;
  }

  /** Returns the file that is wrong. */
  public Path file() {
    return Path.of(file);
  }

  /** Returns where in the file, such as {@code tensor wte.weight} or {@code field n_layer}. */
  public String place() {
    return place;
  }

  /** Returns what has to be there. */
  public String expected() {
    return expected;
  }

  /** Returns what is there instead. */
  public String actual() {
    return actual;
  }
}
