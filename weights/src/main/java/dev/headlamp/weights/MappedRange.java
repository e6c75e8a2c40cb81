package dev.headlamp.weights;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * A range of an open file, mapped piece by piece.
 *
 * <p>A file that another process cuts short while it is mapped has pages with nothing behind them.
 * The JVM turns a touch of one into an {@link InternalError}, as long as the touch is a bulk copy
 * out of the buffer and not native code's: receivers of a piece do nothing else with it. The error
 * may come some time after the touch. In the middle of a method of {@link FileChannel} it would
 * upset the channel's bookkeeping, and closing would then wait for ever; so what follows a copy
 * asks the file for its length and not the channel.
 *
 * @param path the file's path, for messages
 * @param place what the range holds, for messages
 * @param file the open file
 * @param begin the first byte of the range, counted from the start of the file
 * @param length the bytes in the range
 */
record MappedRange(Path path, String place, RandomAccessFile file, long begin, long length) {

  /** A multiple of every element width, so that no element is split. */
  static final int PIECE = 1 << 28;

  /** More than fits a thread's own allocation buffer. */
  private static final int LARGE_ALLOCATION = 1 << 24;

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
    checkLength();
    for (long offset = 0; offset < length; offset += PIECE) {
      long size = Math.min(PIECE, length - offset);
      ByteBuffer piece = file.getChannel().map(FileChannel.MapMode.READ_ONLY, begin + offset, size);
      takeGuarded(receiver, piece.order(ByteOrder.LITTLE_ENDIAN), offset);
      // What was cut from a file's last page reads as zeros, without an error.
      checkLength();
    }
  }

  private void takeGuarded(Receiver receiver, ByteBuffer piece, long offset) throws IOException {
    try {
      receiver.take(piece, offset);
      if (isCutShort()) {
        letAFaultSurface();
      }
    } catch (InternalError e) {
      checkLength();
      throw new IOException(path + ": " + place + ": the mapped file could not be read", e);
    }
  }

  /** A pending error of a fault is thrown when its thread next enters the VM, as for this. */
  private static void letAFaultSurface() {
    byte[] large = new byte[LARGE_ALLOCATION];
    if (large.length != LARGE_ALLOCATION) {
      throw new AssertionError("the allocation is used, so that it is not optimised away");
    }
  }

  private boolean isCutShort() throws IOException {
    return file.length() < begin + length;
  }

  private void checkLength() throws IOException {
    if (isCutShort()) {
      throw new CheckpointFormatException(
          path,
          place,
          "a file of at least " + (begin + length) + " bytes, as when it was opened",
          file.length() + " bytes");
    }
  }
}
