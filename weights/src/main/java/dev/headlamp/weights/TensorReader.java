package dev.headlamp.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Copies one tensor's bytes out of a mapped file, as they are or converted. */
final class TensorReader {

  private static final int CHUNK_BYTES = 1 << 16;

  private final MappedRange range;
  private final Dtype dtype;

  TensorReader(MappedRange range, Dtype dtype) {
    this.range = range;
    this.dtype = dtype;
  }

  /** Fills {@code target}, a C-ordered array of as many elements, whatever its type. */
  void readInto(INDArray target) throws IOException {
    ArrayMemory memory = ArrayMemory.toWrite(target);
    if (target.dataType() == dtype.stored()) {
      copyInto(memory);
    } else {
      convertInto(memory, target.dataType());
    }
  }

  /** Returns the elements of an integer tensor. */
  long[] readLongs(int elements) throws IOException {
    long[] values = new long[elements];
    forEachChunk(
        (chunk, first) -> {
          int count = chunk.remaining() / dtype.width();
          for (int i = 0; i < count; i++) {
            values[(int) first + i] = integer(chunk, i);
          }
        });
    return values;
  }

  private void copyInto(ArrayMemory memory) throws IOException {
    if (dtype == Dtype.BOOL) {
      forEachChunk(
          (chunk, first) -> {
            checkBooleans(chunk, first);
            memory.slice(first, chunk.remaining()).put(chunk);
          });
    } else {
      range.forEachPiece((piece, offset) -> memory.slice(offset, piece.remaining()).put(piece));
    }
  }

  private void convertInto(ArrayMemory memory, DataType type) throws IOException {
    double[] values = new double[CHUNK_BYTES / dtype.width()];
    forEachChunk(
        (chunk, first) -> {
          int count = chunk.remaining() / dtype.width();
          decode(chunk, values, count);
          ByteBuffer into = memory.slice(first * type.width(), count * type.width());
          encode(values, count, into, type);
        });
  }

  /** Takes the next elements of the tensor on the heap, {@code first} being the first's index. */
  private interface ChunkReceiver {
    void take(ByteBuffer chunk, long first) throws IOException;
  }

  private void forEachChunk(ChunkReceiver receiver) throws IOException {
    byte[] bytes = new byte[(int) Math.min(CHUNK_BYTES, range.length())];
    range.forEachPiece(
        (piece, offset) -> {
          while (piece.hasRemaining()) {
            long first = (offset + piece.position()) / dtype.width();
            int length = Math.min(bytes.length, piece.remaining());
            piece.get(bytes, 0, length);
            ByteBuffer chunk = ByteBuffer.wrap(bytes, 0, length).order(ByteOrder.LITTLE_ENDIAN);
            receiver.take(chunk, first);
          }
        });
  }

  /** Every floating dtype fits a double exactly. */
  private void decode(ByteBuffer chunk, double[] values, int count) {
    switch (dtype) {
      case F64 -> chunk.asDoubleBuffer().get(values, 0, count);
      case F32 -> {
        for (int i = 0; i < count; i++) {
          values[i] = chunk.getFloat(i * Float.BYTES);
        }
      }
      case F16 -> {
        ShortBuffer halves = chunk.asShortBuffer();
        for (int i = 0; i < count; i++) {
          values[i] = HalfPrecision.fromF16(halves.get(i));
        }
      }
      case BF16 -> {
        ShortBuffer halves = chunk.asShortBuffer();
        for (int i = 0; i < count; i++) {
          values[i] = HalfPrecision.fromBf16(halves.get(i));
        }
      }
      default -> throw new IllegalArgumentException(dtype + " is not a floating dtype");
    }
  }

  private static void encode(double[] values, int count, ByteBuffer into, DataType type) {
    switch (type) {
      case DOUBLE -> into.asDoubleBuffer().put(values, 0, count);
      case FLOAT -> {
        for (int i = 0; i < count; i++) {
          into.putFloat((float) values[i]);
        }
      }
      default -> throw new IllegalArgumentException("type must be FLOAT or DOUBLE, not " + type);
    }
  }

  private long integer(ByteBuffer chunk, int index) {
    return switch (dtype) {
      case I64 -> chunk.getLong(index * Long.BYTES);
      case I32 -> chunk.getInt(index * Integer.BYTES);
      case I16 -> chunk.getShort(index * Short.BYTES);
      case I8 -> chunk.get(index);
      case U8 -> chunk.get(index) & 0xff;
      default -> throw new IllegalArgumentException(dtype + " is not an integer dtype");
    };
  }

  private void checkBooleans(ByteBuffer chunk, long first) throws CheckpointFormatException {
    for (int i = 0; i < chunk.remaining(); i++) {
      if ((chunk.get(i) & 0xfe) != 0) {
        throw new CheckpointFormatException(
            range.path(),
            range.place(),
            "0 or 1 in a BOOL",
            (chunk.get(i) & 0xff) + " at element " + (first + i));
      }
    }
  }
}
