package dev.headlamp.tokenizer;

import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * One of Hugging Face's tokenizers in native memory, and the only class that calls DJL's binding.
 *
 * <p>Arguments must have been checked before: the native side answers some bad ones by ending the
 * JVM.
 */
final class NativeTokenizer implements AutoCloseable {

  private static final TokenizersLibrary LIBRARY = TokenizersLibrary.LIB;
  private static final long CLOSED = 0;

  /** Uses share it, closing has it alone: memory in use by another thread is never freed. */
  private final ReadWriteLock lock = new ReentrantReadWriteLock();

  private long handle;

  private NativeTokenizer(long handle) {
    this.handle = handle;
  }

  /** Builds a tokenizer. {@code source} is where it was read from, for messages. */
  static NativeTokenizer of(ByteLevelBpe tokenizer, Path source) throws TokenizerFormatException {
    NativeLibrary.load();
    long handle;
    try {
      handle = LIBRARY.createTokenizerFromString(tokenizer.toJson());
    } catch (IOException | RuntimeException e) {
      throw new TokenizerFormatException(source, "not a tokenizer: " + e.getMessage(), e);
    }
    return new NativeTokenizer(handle);
  }

  /** Returns the ids of the text's own tokens. */
  int[] encode(String text) {
    lock.readLock().lock();
    try {
      long encoding = encoding(open(), text);
      try {
        return toInts(LIBRARY.getTokenIds(encoding));
      } finally {
        LIBRARY.deleteEncoding(encoding);
      }
    } finally {
      lock.readLock().unlock();
    }
  }

  private static long encoding(long handle, String text) {
    try {
      return LIBRARY.encode(handle, text, false);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException("the text has no tokens: " + e.getMessage(), e);
    }
  }

  /** Returns the text of these tokens together, special ones included. */
  String decode(int... ids) {
    lock.readLock().lock();
    try {
      return LIBRARY.decode(open(), toLongs(ids), false);
    } finally {
      lock.readLock().unlock();
    }
  }

  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      if (handle != CLOSED) {
        LIBRARY.deleteTokenizer(handle);
        handle = CLOSED;
      }
    } finally {
      lock.writeLock().unlock();
    }
  }

  private long open() {
    if (handle == CLOSED) {
      throw new IllegalStateException("this tokenizer has been closed");
    }
    return handle;
  }

  private static int[] toInts(long[] ids) {
    int[] ints = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      ints[i] = Math.toIntExact(ids[i]);
    }
    return ints;
  }

  private static long[] toLongs(int[] ids) {
    long[] longs = new long[ids.length];
    for (int i = 0; i < ids.length; i++) {
      longs[i] = ids[i];
    }
    return longs;
  }
}
