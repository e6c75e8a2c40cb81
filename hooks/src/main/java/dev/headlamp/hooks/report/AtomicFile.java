package dev.headlamp.hooks.report;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** Writes a file whole or not at all: beside its place first, then moved there. */
final class AtomicFile {

  /** What is written. */
  @FunctionalInterface
  interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  /** What writes a file of its own. */
  @FunctionalInterface
  interface FileContent {
    void writeTo(Path file) throws IOException;
  }

  private AtomicFile() {}

  /**
   * Writes {@code target}, replacing a file that is there.
   *
   * @throws IOException naming {@code target}; what was there before is then still there
   */
  static void write(Path target, Content content) throws IOException {
    writeFile(
        target,
        part -> {
          try (OutputStream out =
              new BufferedOutputStream(
                  Files.newOutputStream(part, StandardOpenOption.CREATE_NEW))) {
            content.writeTo(out);
          }
        });
  }

  /**
   * Writes {@code target}, replacing a file that is there, by what is given another path to write.
   *
   * @throws IOException naming {@code target}; what was there before is then still there
   */
  static void writeFile(Path target, FileContent content) throws IOException {
    Path folder = target.toAbsolutePath().getParent();
    Path name = target.getFileName();
    if (folder == null || name == null || Files.isDirectory(target)) {
      throw new IOException("cannot write " + target + ": it is a folder");
    }
    if (!Files.isDirectory(folder)) {
      throw new IOException("cannot write " + target + ": there is no folder " + folder);
    }
    // Not a temporary file of the JDK's making: that one only its owner could read.
    Path part = folder.resolve(name + "." + UUID.randomUUID() + ".part");
    try {
      content.writeTo(part);
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new IOException("cannot write " + target + ": " + e, e);
    } finally {
      Files.deleteIfExists(part);
    }
  }
}
