package dev.headlamp.experiments.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** What the user gave cannot be used; its message is all that they need to be told. */
final class InputException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  InputException(String message) {
    super(message);
  }

  private InputException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Something that works with what the user gave. */
  @FunctionalInterface
  interface Reading<T> {
    T read() throws IOException;
  }

  /**
   * Returns what {@code reading} returns, and lays to the user's input what the library refuses
   * meanwhile.
   *
   * @throws InputException for a file that cannot be read, a value out of range, something asked of
   *     a model that it does not have, or a model that gives no numbers
   */
  static <T> T blaming(Reading<T> reading) {
    try {
      return reading.read();
    } catch (IOException e) {
      throw new InputException(reason(e), e);
    } catch (IllegalArgumentException | IllegalStateException | ArithmeticException e) {
      throw new InputException(String.valueOf(e.getMessage()), e);
    }
  }

  /** Returns this with something added to the message. */
  InputException adding(String more) {
    return new InputException(getMessage() + more, getCause());
  }

  /** Returns what there is to say of a model whose logits are no numbers. */
  static InputException notNumbers(String model) {
    return new InputException(
        model + " gives logits that are NaN: its weights are damaged, or too large for its dtype");
  }

  /** The messages of file system exceptions are often just the path. */
  static String reason(IOException e) {
    if (e instanceof NoSuchFileException missing) {
      return "there is no file " + missing.getFile();
    }
    if (e instanceof AccessDeniedException denied) {
      return "no permission to use " + denied.getFile();
    }
    if (e instanceof FileSystemException failed && failed.getReason() != null) {
      return failed.getFile() + ": " + failed.getReason();
    }
    return String.valueOf(e.getMessage());
  }
}
