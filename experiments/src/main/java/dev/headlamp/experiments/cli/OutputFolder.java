package dev.headlamp.experiments.cli;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * A folder that was found to be writable before the work began.
 *
 * @param path where it is
 */
record OutputFolder(Path path) {

  /**
   * Returns a folder in which files of these names can be written, and makes it if need be.
   *
   * @throws InputException if they cannot be
   */
  static OutputFolder prepared(Path path, String... files) {
    try {
      Files.createDirectories(path);
      Files.delete(Files.createTempFile(path, ".headlamp", ".probe"));
    } catch (FileAlreadyExistsException e) {
      throw new InputException("cannot write to " + path + ": it is a file, not a folder");
    } catch (NoSuchFileException e) {
      throw new InputException("cannot write to " + path + ": no such folder can be made");
    } catch (IOException e) {
      throw new InputException("cannot write to " + path + ": " + InputException.reason(e));
    }
    for (String file : files) {
      if (Files.isDirectory(path.resolve(file))) {
        throw new InputException("cannot write " + path.resolve(file) + ": it is a folder");
      }
    }
    return new OutputFolder(path);
  }

  Path file(String name) {
    return path.resolve(name);
  }
}
