package dev.headlamp.weights;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;

/** Files of any length that take next to no room. */
final class SparseFiles {

  private SparseFiles() {}

  /** Cuts a file off, or lets it end in zeros that are not stored. */
  static void setLength(Path path, long length) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(length);
    }
  }

  static void write(Path path, long position, byte... bytes) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.seek(position);
      file.write(bytes);
    }
  }
}
