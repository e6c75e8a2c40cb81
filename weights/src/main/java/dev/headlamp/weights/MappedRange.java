package dev.headlamp.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * A range of an open file, mapped piece by piece.
 *
 * <p>A file that another process cuts short while it is mapped has pages with nothing behind them.
 * The JVM turns a touch of one into an {@link InternalError} as long as the touch is a bulk copy
 * out of the buffer, so receivers of a piece do nothing else with it.
 *
 * @param file the file, for messages
 * @param place what the range holds, for messages
 * @param channel the open file
 * @param begin the first byte of the range, counted from the start of the file
 * @param length the bytes in the range
 */
record MappedRange(Path file, String place, FileChannel channel, long begin, long length) {

  /** A multiple of every element width, so that no element is split. */
  static final int PIECE = 1 << 28;

  /** Takes one piece of the range, little-endian, {@code offset} bytes into the range. */
  interface Receiver {
    void take(ByteBuffer piece, long offset) throws IOException;
  }

  /**
   * Hands the range to {@code receiver} from front to back.
   *
   * @throws CheckpointFormatException if the file ends before the range does
   */
  void forEachPiece(Receiver receiver) throws IOException {
    try {
      checkLength();
      for (long offset = 0; offset < length; offset += PIECE) {
        long size = Math.min(PIECE, length - offset);
        ByteBuffer piece = channel.map(FileChannel.MapMode.READ_ONLY, begin + offset, size);
        receiver.take(piece.order(ByteOrder.LITTLE_ENDIAN), offset);
        // Once more: what was cut from a file's last page reads as zeros, without an error.
        checkLength();
      }
    } catch (InternalError e) {
      checkLength();
      throw new IOException(file + ": " + place + ": the mapped file could not be read", e);
    }
  }

  private void checkLength() throws IOException {
    if (channel.size() < begin + length) {
      throw new CheckpointFormatException(
          file,
          place,
          "a file of at least " + (begin + length) + " bytes, as when it was opened",
          channel.size() + " bytes");
    }
  }
}
