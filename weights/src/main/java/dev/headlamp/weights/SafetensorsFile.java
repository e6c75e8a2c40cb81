package dev.headlamp.weights;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A safetensors file, open for reading.
 *
 * <p>Opening reads the header and holds the file to every rule of the format; a tensor's bytes are
 * mapped when it is read, one tensor at a time, so a file may be larger than the memory. Any number
 * of threads may read at once; interrupting one of them closes the file, as it does any {@link
 * FileChannel}.
 *
 * <p>Dtypes that can be read: F64, F32, F16, BF16, I64, I32, I16, I8, U8, BOOL. A file may hold
 * tensors of others, which cannot. Limits beyond the format's own: 32 axes, and 100,000 tensors and
 * metadata entries.
 */
public final class SafetensorsFile implements AutoCloseable {

  private static final int LENGTH_BYTES = 8;
  static final long MAX_HEADER_BYTES = 100_000_000;

  private final Path path;
  private final RandomAccessFile file;
  private final SafetensorsHeader header;
  private final long dataStart;

  private SafetensorsFile(
      Path path, RandomAccessFile file, SafetensorsHeader header, long dataStart) {
    this.path = path;
    this.file = file;
    this.header = header;
    this.dataStart = dataStart;
  }

  /**
   * Opens a file and checks its header.
   *
   * @throws CheckpointFormatException if the file breaks a rule of the format
   * @throws java.nio.file.NoSuchFileException if there is no such file
   */
  public static SafetensorsFile open(Path path) throws IOException {
    Objects.requireNonNull(path, "path");
    RegularFile.require(path);
    RandomAccessFile file = new RandomAccessFile(path.toFile(), "r");
    try {
      return open(path, file);
    } catch (IOException | RuntimeException | Error e) {
      file.close();
      throw e;
    }
  }

  private static SafetensorsFile open(Path path, RandomAccessFile file) throws IOException {
    long fileLength = file.length();
    if (fileLength < LENGTH_BYTES) {
      throw new CheckpointFormatException(
          path, "header length", LENGTH_BYTES + " bytes", fileLength + " bytes in the file");
    }
    long headerLength = read(path, file.getChannel(), 0, LENGTH_BYTES).getLong();
    long limit = Math.min(MAX_HEADER_BYTES, fileLength - LENGTH_BYTES);
    if (headerLength < 0 || headerLength > limit) {
      throw new CheckpointFormatException(
          path,
          "header length",
          "at most " + limit + " (the file has " + fileLength + " bytes)",
          Long.toUnsignedString(headerLength));
    }
    long dataStart = LENGTH_BYTES + headerLength;
    byte[] utf8 = read(path, file.getChannel(), LENGTH_BYTES, (int) headerLength).array();
    SafetensorsHeader header = SafetensorsHeader.parse(path, utf8, fileLength - dataStart);
    return new SafetensorsFile(path, file, header, dataStart);
  }

  private static ByteBuffer read(Path path, FileChannel channel, long begin, int length)
      throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, begin + bytes.position()) < 0) {
        throw new CheckpointFormatException(
            path, "header", length + " bytes from " + begin, bytes.position() + " bytes");
      }
    }
    return bytes.flip();
  }

  /** Returns the path the file was opened by. */
  public Path path() {
    return path;
  }

  /** Returns the names of all tensors, sorted. */
  public List<String> names() {
    return List.copyOf(header.tensors().keySet());
  }

  /** Returns the free-form strings that the file carries beside its tensors; often none. */
  public Map<String, String> metadata() {
    return header.metadata();
  }

  /** Returns whether the file holds a tensor of this name. */
  public boolean has(String name) {
    return header.tensors().containsKey(name);
  }

  /**
   * Returns what the header says about a tensor.
   *
   * @throws CheckpointFormatException if the file does not hold it
   */
  public TensorInfo info(String name) throws CheckpointFormatException {
    Objects.requireNonNull(name, "name");
    TensorInfo info = header.tensors().get(name);
    if (info == null) {
      throw new CheckpointFormatException(
          path,
          SafetensorsHeader.place(name),
          "a tensor of this name",
          "none among " + header.tensors().size());
    }
    return info;
  }

  /**
   * Reads a tensor into an array of the type closest to the stored one: F64 DOUBLE; F32, F16 and
   * BF16 FLOAT (exactly); I64 INT64; I32 INT32; I16 INT16; I8 INT8; U8 UINT8; BOOL BOOL.
   *
   * @return a new array of the tensor's shape in C order, outside any workspace, owned by the
   *     caller; a tensor with an axis of length 0 gives an empty array
   * @throws CheckpointFormatException if the file does not hold the tensor, its dtype is not one
   *     that can be read, a BOOL is neither 0 nor 1, or the file has become shorter
   * @throws IllegalStateException if this file is closed
   */
  public INDArray read(String name) throws IOException {
    return read(info(name), dtype(info(name)).read());
  }

  /**
   * Reads a tensor of a floating dtype, rounding or widening each element to {@code type}.
   *
   * @param type FLOAT or DOUBLE
   * @return a new array of the tensor's shape in C order, outside any workspace, owned by the
   *     caller; a tensor with an axis of length 0 gives an empty array
   * @throws CheckpointFormatException as {@link #read(String)} does, and if the dtype is not
   *     floating
   * @throws IllegalArgumentException if {@code type} is another
   * @throws IllegalStateException if this file is closed
   */
  public INDArray read(String name, DataType type) throws IOException {
    if (type != DataType.FLOAT && type != DataType.DOUBLE) {
      throw new IllegalArgumentException("type must be FLOAT or DOUBLE, not " + type);
    }
    TensorInfo info = info(name);
    if (!dtype(info).isFloating()) {
      throw wrongDtype(info, "a floating dtype");
    }
    return read(info, type);
  }

  /**
   * Reads a tensor of an integer dtype.
   *
   * @return its elements, the last axis varying fastest
   * @throws CheckpointFormatException as {@link #read(String)} does, and if the dtype is not an
   *     integer's or there are more elements than an array can hold
   * @throws IllegalStateException if this file is closed
   */
  public long[] readLongs(String name) throws IOException {
    TensorInfo info = info(name);
    Dtype dtype = dtype(info);
    if (dtype.isFloating() || dtype == Dtype.BOOL) {
      throw wrongDtype(info, "an integer dtype");
    }
    if (info.elements() > Integer.MAX_VALUE - 8) {
      throw new CheckpointFormatException(
          path,
          SafetensorsHeader.place(name),
          "few enough elements for a long[]",
          info.elements() + " elements");
    }
    return new TensorReader(range(info), dtype).readLongs((int) info.elements());
  }

  /** Closes the file. Arrays that were read from it stay valid. Closing twice does nothing. */
  @Override
  public void close() throws IOException {
    file.close();
  }

  private INDArray read(TensorInfo info, DataType type) throws IOException {
    MappedRange range = range(info);
    INDArray array = ArrayMemory.allocate(type, info.dimensions());
    try {
      if (info.elements() > 0) {
        new TensorReader(range, dtype(info)).readInto(array);
      }
      return array;
    } catch (IOException | RuntimeException | Error e) {
      array.close();
      throw e;
    }
  }

  private MappedRange range(TensorInfo info) {
    if (!file.getChannel().isOpen()) {
      throw new IllegalStateException(path + " is closed");
    }
    return new MappedRange(
        path, SafetensorsHeader.place(info.name()), file, dataStart + info.begin(), info.bytes());
  }

  private Dtype dtype(TensorInfo info) throws CheckpointFormatException {
    return Dtype.named(info.dtype())
        .orElseThrow(() -> wrongDtype(info, "one of " + List.of(Dtype.values())));
  }

  private CheckpointFormatException wrongDtype(TensorInfo info, String expected) {
    return new CheckpointFormatException(
        path, SafetensorsHeader.place(info.name()), expected, info.dtype());
  }
}
