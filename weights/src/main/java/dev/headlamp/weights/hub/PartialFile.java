package dev.headlamp.weights.hub;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;

/**
 * A file that is not all here yet. Closing it keeps what has arrived; it becomes the finished file
 * only by {@link #publish}, which has seen every byte go into the checksum.
 */
final class PartialFile implements Closeable {

  private static final int BUFFER = 1 << 20;

  private final Path path;
  private final RemoteFile file;
  private final FileChannel channel;
  private MessageDigest digest;
  private long length;

  private PartialFile(Path path, RemoteFile file, FileChannel channel) {
    this.path = path;
    this.file = file;
    this.channel = channel;
    this.digest = file.checksum().digest(file.size());
  }

  /** Opens a partial file, with what an earlier download left in it. */
  static PartialFile open(Path path, RemoteFile file) throws IOException {
    Files.createDirectories(path.getParent());
    FileChannel channel =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    PartialFile partial = new PartialFile(path, file, channel);
    try {
      partial.takeUp();
      return partial;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  long length() {
    return length;
  }

  boolean isFull() {
    return length >= file.size();
  }

  /**
   * Adds the bytes of {@code bytes}.
   *
   * @throws HubException when they are more than the file is to have, or cannot be written
   */
  void append(ByteBuffer bytes) throws IOException {
    if (bytes.remaining() > file.size() - length) {
      restart();
      throw new HubException(
          file.name() + ": more than the " + file.size() + " bytes that the hub states came in");
    }
    ByteBuffer toWrite = bytes.duplicate();
    try {
      while (toWrite.hasRemaining()) {
        channel.write(toWrite, length + toWrite.position() - bytes.position());
      }
    } catch (ClosedByInterruptException e) {
      throw e;
    } catch (IOException e) {
      throw new HubException(
          "cannot write " + path + ": " + e.getMessage() + " (" + FreeSpace.of(path) + " free)", e);
    }
    length += bytes.remaining();
    digest.update(bytes);
  }

  /** Drops what is here. */
  void restart() throws IOException {
    channel.truncate(0);
    length = 0;
    digest = file.checksum().digest(file.size());
  }

  /**
   * Verifies the file and moves it, in one step, to where it is used. Without success the content
   * is wrong and is dropped.
   *
   * @return whether the bytes are what the hub states
   */
  boolean publish(Path finished) throws IOException {
    if (!isFull() || !file.checksum().matches(digest.digest())) {
      restart();
      return false;
    }
    channel.force(true);
    channel.close();
    Files.move(path, finished, StandardCopyOption.ATOMIC_MOVE);
    return true;
  }

  @Override
  public void close() throws IOException {
    channel.close();
    if (length == 0) {
      Files.deleteIfExists(path);
    }
  }

  private void takeUp() throws IOException {
    if (channel.size() > file.size()) {
      channel.truncate(0);
    }
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
    long present = channel.size();
    while (length < present && channel.read(buffer, length) > 0) {
      length += buffer.position();
      digest.update(buffer.flip());
      buffer.clear();
    }
  }
}
