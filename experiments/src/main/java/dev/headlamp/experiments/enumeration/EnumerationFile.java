package dev.headlamp.experiments.enumeration;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A file that fills up with the logit differences of an enumeration, and that a process killed at
 * any moment leaves in order: what a chunk holds counts only once its mark is set, and the mark is
 * set only once the chunk is on the disk.
 *
 * <p>The format, all numbers little-endian: the 8 characters {@code HLIOIENU}; int32 version, 1;
 * int32 length of the header; the header in UTF-8, a line for each field, its name and its values
 * between tabs; one byte for each chunk, 1 if it is written, in the order of template and subject;
 * one float32 for each row, in the order of {@link PromptSpace}. The file of a shard has room for
 * all rows too, and on most file systems takes no space for those that it lacks.
 */
public final class EnumerationFile implements AutoCloseable {

  private static final byte[] MAGIC = "HLIOIENU".getBytes(UTF_8);
  private static final int VERSION = 1;
  private static final int PREFIX = MAGIC.length + 2 * Integer.BYTES;
  private static final int LARGEST_HEADER = 1 << 20;

  private final Path path;
  private final FileChannel channel;
  private final EnumerationHeader header;
  private final long marksAt;
  private final byte[] marks;

  private EnumerationFile(Path path, FileChannel channel) throws IOException {
    this.path = path;
    this.channel = channel;
    ByteBuffer prefix = bytes(0, PREFIX);
    byte[] magic = new byte[MAGIC.length];
    prefix.get(magic);
    int version = prefix.getInt();
    int headerLength = prefix.getInt();
    if (!Arrays.equals(magic, MAGIC)) {
      throw new EnumerationFormatException(path, "it is no enumeration");
    }
    if (version != VERSION || headerLength < 0 || headerLength > LARGEST_HEADER) {
      throw new EnumerationFormatException(
          path, "it has version %d of the format, and %d is read".formatted(version, VERSION));
    }
    this.header = header(headerLength);
    this.marksAt = (long) PREFIX + headerLength;
    this.marks = bytes(marksAt, Chunk.count(header.space())).array();
    long expected = position(header.space().rows());
    if (channel.size() != expected) {
      throw new EnumerationFormatException(
          path, "it has %d bytes, and its header asks for %d".formatted(channel.size(), expected));
    }
  }

  private EnumerationHeader header(int length) throws IOException {
    try {
      return EnumerationHeader.parse(UTF_8.decode(bytes(PREFIX, length)).toString());
    } catch (IllegalArgumentException e) {
      throw new EnumerationFormatException(path, String.valueOf(e.getMessage()));
    }
  }

  /**
   * Opens the file of a run to go on with it, or makes it if it is not there.
   *
   * @throws IllegalArgumentException if the file is there and of another run: another model, other
   *     lists, BOS, processing or shard; the message says what differs
   * @throws IOException if it is no enumeration, is damaged, is being written by somebody else, or
   *     cannot be written
   */
  public static EnumerationFile resume(Path path, EnumerationHeader header) throws IOException {
    if (!Files.exists(path)) {
      create(path, header);
    }
    EnumerationFile file = open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      file.lock();
      List<String> differences = file.header.differencesFrom(header);
      if (!differences.isEmpty()) {
        throw new IllegalArgumentException(
            "%s is of another run: %s".formatted(path, String.join("; ", differences)));
      }
      return file;
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /**
   * Opens a file to read it.
   *
   * @throws IOException if it cannot be read, is no enumeration, or is damaged
   */
  public static EnumerationFile open(Path path) throws IOException {
    return open(path, StandardOpenOption.READ);
  }

  private static EnumerationFile open(Path path, StandardOpenOption... options) throws IOException {
    FileChannel channel = FileChannel.open(path, options);
    try {
      return new EnumerationFile(path, channel);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** Beside its place first, so that nobody finds a file with half a header. */
  private static void create(Path path, EnumerationHeader header) throws IOException {
    byte[] text = header.text().getBytes(UTF_8);
    ByteBuffer head = ByteBuffer.allocate(PREFIX + text.length).order(ByteOrder.LITTLE_ENDIAN);
    head.put(MAGIC).putInt(VERSION).putInt(text.length).put(text).flip();
    PromptSpace space = header.space();
    long size = head.limit() + Chunk.count(space) + (long) space.rows() * Float.BYTES;
    Path part = path.resolveSibling(path.getFileName() + "." + UUID.randomUUID() + ".part");
    try (FileChannel channel =
        FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      writeFully(channel, head, 0);
      writeFully(channel, ByteBuffer.allocate(1), size - 1);
      channel.force(true);
      Files.move(part, path, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private void lock() throws IOException {
    try {
      if (channel.tryLock() != null) {
        return;
      }
    } catch (OverlappingFileLockException e) {
      // Somebody else in this very process.
    }
    throw new IOException(path + " is being written by another run");
  }

  /** Returns what the rows are of. */
  public EnumerationHeader header() {
    return header;
  }

  /** Returns the chunks of this file's shard that are not written. */
  List<Chunk> missing() {
    return ofShard().stream().filter(chunk -> !has(chunk)).toList();
  }

  /** Returns the number of rows that are written. */
  public int rowsWritten() {
    return rowsOfShard() - missing().stream().mapToInt(Chunk::size).sum();
  }

  /** Returns the number of rows that this file's shard has. */
  public int rowsOfShard() {
    return ofShard().stream().mapToInt(Chunk::size).sum();
  }

  private List<Chunk> ofShard() {
    return chunks().filter(header.shard()::has).toList();
  }

  private Stream<Chunk> chunks() {
    return IntStream.range(0, marks.length).mapToObj(i -> Chunk.of(header.space(), i));
  }

  boolean has(Chunk chunk) {
    return marks[chunk.index()] == 1;
  }

  /** Writes the values of a chunk, {@code [place][object][indirect object]}, and marks it. */
  void write(Chunk chunk, float[] values) throws IOException {
    writeRows(chunk, values);
    channel.force(false);
    mark(chunk);
    channel.force(false);
  }

  /** Takes a chunk over from another file; for a file that is not used before it is whole. */
  void copy(Chunk chunk, EnumerationFile from) throws IOException {
    writeRows(chunk, from.values(chunk));
    mark(chunk);
  }

  private void writeRows(Chunk chunk, float[] values) throws IOException {
    int others = header.space().others();
    for (int group = 0; group < chunk.groups(); group++) {
      float[] stretch = Arrays.copyOfRange(values, group * others, (group + 1) * others);
      writeFully(channel, LittleEndian.of(stretch), position(chunk.firstRow(group)));
    }
  }

  private void mark(Chunk chunk) throws IOException {
    writeFully(channel, ByteBuffer.wrap(new byte[] {1}), marksAt + chunk.index());
    marks[chunk.index()] = 1;
  }

  /** Returns the values of a chunk as {@link #write} takes them. */
  private float[] values(Chunk chunk) throws IOException {
    int others = header.space().others();
    float[] values = new float[chunk.size()];
    for (int group = 0; group < chunk.groups(); group++) {
      ByteBuffer stretch = bytes(position(chunk.firstRow(group)), others * Float.BYTES);
      System.arraycopy(LittleEndian.floats(stretch), 0, values, group * others, others);
    }
    return values;
  }

  /**
   * Reads every row that is written.
   *
   * @return the rows, NaN where none is written
   * @throws IOException if the file cannot be read
   */
  public Enumeration read() throws IOException {
    PromptSpace space = header.space();
    float[] values =
        LittleEndian.floats(bytes(position(0), Math.multiplyExact(space.rows(), Float.BYTES)));
    for (Chunk chunk : chunks().filter(chunk -> !has(chunk)).toList()) {
      for (int group = 0; group < chunk.groups(); group++) {
        int first = chunk.firstRow(group);
        Arrays.fill(values, first, first + space.others(), Float.NaN);
      }
    }
    return new Enumeration(space, values);
  }

  private long position(int row) {
    return marksAt + marks.length + (long) row * Float.BYTES;
  }

  private ByteBuffer bytes(long position, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, position + bytes.position()) < 0) {
        throw new EnumerationFormatException(path, "it ends too early");
      }
    }
    return bytes.flip();
  }

  private static void writeFully(FileChannel channel, ByteBuffer bytes, long position)
      throws IOException {
    bytes.rewind();
    while (bytes.hasRemaining()) {
      channel.write(bytes, position + bytes.position());
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
