package dev.headlamp.weights;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/** Looks at a path before it is opened: opening a named pipe would wait for ever. */
final class RegularFile {

  private RegularFile() {}

  /**
   * Returns normally if {@code path} is a file or a link to one.
   *
   * @throws CheckpointFormatException if it is a folder, a pipe or the like
   * @throws java.nio.file.NoSuchFileException if there is nothing
   */
  static void require(Path path) throws IOException {
    BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
    if (!attributes.isRegularFile()) {
      throw new CheckpointFormatException(
          path,
          "kind",
          "a regular file",
          attributes.isDirectory() ? "a folder" : "a pipe, a device or the like");
    }
  }
}
