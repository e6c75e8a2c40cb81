package dev.headlamp.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Writes a safetensors file: all tensors are declared first, then put one by one in any order, so
 * that they need not be in memory together.
 *
 * <pre>{@code
 * try (SafetensorsWriter writer = SafetensorsWriter.create(path, specs, Map.of())) {
 *   writer.put("wte.weight", array);
 *   writer.commit();
 * }
 * }</pre>
 *
 * <p>The bytes go to a new file in the same folder, which {@link #commit} moves to its place in one
 * step: nobody sees half a file, and what was there before stays until then. Not safe for use by
 * several threads.
 */
public final class SafetensorsWriter implements AutoCloseable {

  private final Path target;
  private final Path draft;
  private final FileChannel channel;
  private final Map<String, TensorInfo> tensors;
  private final long dataStart;
  private final Set<String> missing;

  private SafetensorsWriter(Path target, Path draft, FileChannel channel, SafetensorsLayout layout)
      throws IOException {
    this.target = target;
    this.draft = draft;
    this.channel = channel;
    this.tensors = layout.tensors();
    this.dataStart = layout.prefix().remaining();
    this.missing = new TreeSet<>(tensors.keySet());
  }

  /**
   * Starts a file.
   *
   * @param specs every tensor that the file is going to hold
   * @param metadata free-form strings to store beside them
   * @throws IllegalArgumentException if a name is declared twice or is {@code __metadata__}, a
   *     string is not valid Unicode, or the file would be beyond what {@link SafetensorsFile} reads
   */
  public static SafetensorsWriter create(
      Path path, Collection<TensorSpec> specs, Map<String, String> metadata) throws IOException {
    SafetensorsLayout layout = new SafetensorsLayout(path, specs, metadata);
    Path draft = path.resolveSibling("." + path.getFileName() + "." + UUID.randomUUID() + ".tmp");
    FileChannel channel =
        FileChannel.open(draft, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
    SafetensorsWriter writer = new SafetensorsWriter(path, draft, channel, layout);
    try {
      writer.writeFully(layout.prefix(), 0);
      return writer;
    } catch (IOException | RuntimeException | Error e) {
      writer.close();
      throw e;
    }
  }

  /**
   * Writes a file of arrays that are all at hand.
   *
   * @param arrays the arrays by name, of any order and strides; they stay the caller's
   * @param metadata free-form strings to store beside them
   * @throws IllegalArgumentException as {@link #create} and {@link TensorSpec} do
   */
  public static void write(Path path, Map<String, INDArray> arrays, Map<String, String> metadata)
      throws IOException {
    Collection<TensorSpec> specs =
        arrays.entrySet().stream()
            .map(entry -> TensorSpec.of(entry.getKey(), entry.getValue()))
            .toList();
    try (SafetensorsWriter writer = create(path, specs, metadata)) {
      for (var entry : arrays.entrySet()) {
        writer.put(entry.getKey(), entry.getValue());
      }
      writer.commit();
    }
  }

  /**
   * Writes one tensor.
   *
   * @param array borrowed until this returns; of the declared type and shape, in any order and with
   *     any strides
   * @throws IllegalArgumentException if the name was not declared, or the array is of another type
   *     or shape
   * @throws IllegalStateException if this tensor has been put before, or this writer is closed
   */
  public void put(String name, INDArray array) throws IOException {
    requireOpen();
    TensorInfo info = tensors.get(name);
    if (info == null) {
      throw new IllegalArgumentException("tensor " + name + " was not declared");
    }
    TensorSpec given = TensorSpec.of(name, array);
    if (!given.shape().equals(info.shape()) || !given.dtype().name().equals(info.dtype())) {
      throw new IllegalArgumentException(
          "tensor %s: declared %s %s, given %s %s"
              .formatted(name, info.dtype(), info.shape(), given.dtype(), given.shape()));
    }
    if (!missing.contains(name)) {
      throw new IllegalStateException("tensor " + name + " has been put before");
    }
    if (info.bytes() > 0) {
      try (INDArray copy = ArrayMemory.allocate(array.dataType(), array.shape())) {
        writeData(ArrayMemory.toRead(copy.assign(array)), dataStart + info.begin());
      }
    }
    missing.remove(name);
  }

  /**
   * Moves the finished file to its place, over any file that is there, and closes this writer.
   *
   * @throws IllegalStateException if a declared tensor has not been put, or this writer is closed
   */
  public void commit() throws IOException {
    requireOpen();
    if (!missing.isEmpty()) {
      throw new IllegalStateException(
          missing.size()
              + " declared tensors have not been put, first "
              + missing.iterator().next());
    }
    channel.force(true);
    channel.close();
    Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Ends the writing; without a {@link #commit} before it, nothing is left behind. */
  @Override
  public void close() throws IOException {
    channel.close();
    Files.deleteIfExists(draft);
  }

  private void requireOpen() {
    if (!channel.isOpen()) {
      throw new IllegalStateException("the writer of " + target + " is closed");
    }
  }

  private void writeData(ArrayMemory memory, long position) throws IOException {
    for (long offset = 0; offset < memory.bytes(); offset += MappedRange.PIECE) {
      int size = (int) Math.min(MappedRange.PIECE, memory.bytes() - offset);
      writeFully(memory.slice(offset, size), position + offset);
    }
  }

  private void writeFully(ByteBuffer bytes, long position) throws IOException {
    long at = position;
    while (bytes.hasRemaining()) {
      at += channel.write(bytes, at);
    }
  }
}
