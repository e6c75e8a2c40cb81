package dev.headlamp.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class MappedRangeTest {

  private static final int MEBIBYTE = 1 << 20;

  @TempDir private Path folder;

  @Test
  void aLongRangeComesInPiecesThatFollowOneAnother() throws IOException {
    Path path = folder.resolve("sparse");
    long begin = 3;
    long length = 2L * MappedRange.PIECE + 5;
    SparseFiles.setLength(path, begin + length);
    SparseFiles.write(path, begin + 2L * MappedRange.PIECE, (byte) 9);
    List<String> pieces = new ArrayList<>();
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
      new MappedRange(path, "all", file, begin, length)
          .forEachPiece(
              (piece, offset) -> pieces.add(offset + "+" + piece.remaining() + ":" + piece.get(0)));
    }
    assertThat(pieces).containsExactly("0+268435456:0", "268435456+268435456:0", "536870912+5:9");
  }

  /** Repeated so that the copy is cut short in the interpreter and in compiled code. */
  @RepeatedTest(50)
  @DisabledOnOs(OS.WINDOWS) // which does not let anyone shorten a mapped file
  void aFileThatIsCutShortWhileItIsReadDoesNotTakeTheJvmDown() throws IOException {
    Path path = Files.write(folder.resolve("shrinking"), new byte[4 * MEBIBYTE]);
    byte[] copy = new byte[4 * MEBIBYTE];
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
      MappedRange range = new MappedRange(path, "tensor a", file, 0, copy.length);
      assertThatThrownBy(
              () ->
                  range.forEachPiece(
                      (piece, offset) -> {
                        SparseFiles.setLength(path, MEBIBYTE);
                        piece.get(copy);
                      }))
          .isInstanceOf(CheckpointFormatException.class)
          .hasMessageContaining("tensor a: expected a file of at least 4194304 bytes")
          .hasMessageContaining("found 1048576 bytes");
    }
  }
}
