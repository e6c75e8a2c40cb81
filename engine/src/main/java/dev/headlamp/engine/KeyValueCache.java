package dev.headlamp.engine;

import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Keys and values of the positions that earlier runs computed, so that the next run computes only
 * its own. Every run that is given this cache extends it. Belongs to one thread at a time; holds
 * memory outside the Java heap until closed.
 */
public final class KeyValueCache implements AutoCloseable {

  private final INDArray[] keys;
  private final INDArray[] values;
  private final boolean[][] isToken;
  private final int capacity;
  private final int[] lengths;
  private int length;

  private KeyValueCache(INDArray[] keys, INDArray[] values) {
    this.keys = keys;
    this.values = values;
    this.capacity = Math.toIntExact(keys[0].size(1));
    this.isToken = new boolean[Math.toIntExact(keys[0].size(0))][capacity];
    this.lengths = new int[keys.length];
  }

  static KeyValueCache create(Gpt2Config config, int batch, int capacity, DataType type) {
    if (batch < 1 || capacity < 1) {
      throw new IllegalArgumentException(
          "a key-value cache needs a batch and a capacity of at least 1, not %d and %d"
              .formatted(batch, capacity));
    }
    INDArray[] keys = new INDArray[config.nLayers()];
    INDArray[] values = new INDArray[config.nLayers()];
    for (int layer = 0; layer < keys.length; layer++) {
      keys[layer] = Nd4j.create(type, batch, capacity, config.nHeads(), config.dHead());
      values[layer] = Nd4j.create(type, batch, capacity, config.nHeads(), config.dHead());
    }
    return new KeyValueCache(keys, values);
  }

  /**
   * Returns a cache that holds the beginnings of prompts.
   *
   * @param keys by layer, {@code [batch, pos, head, d_head]}; overwritten behind {@code length}
   * @param values as the keys
   * @param tokens the prompts
   * @param length how many positions are held
   */
  static KeyValueCache holding(INDArray[] keys, INDArray[] values, TokenBatch tokens, int length) {
    KeyValueCache cache = new KeyValueCache(keys, values);
    for (int prompt = 0; prompt < tokens.batch(); prompt++) {
      for (int pos = 0; pos < length; pos++) {
        cache.isToken[prompt][pos] = tokens.isToken(prompt, pos);
      }
    }
    cache.length = length;
    Arrays.fill(cache.lengths, length);
    return cache;
  }

  /** Returns the number of prompts. */
  public int batch() {
    return isToken.length;
  }

  /** Returns the number of positions held, padding included. */
  public int length() {
    return length;
  }

  /** Returns the number of positions there is room for. */
  public int capacity() {
    return capacity;
  }

  /** Returns how many tokens of a prompt are held, padding not counted. */
  public int tokenCount(int prompt) {
    int count = 0;
    for (int pos = 0; pos < length; pos++) {
      count += isToken[prompt][pos] ? 1 : 0;
    }
    return count;
  }

  boolean isToken(int prompt, int pos) {
    return isToken[prompt][pos];
  }

  boolean isPadded() {
    for (int prompt = 0; prompt < batch(); prompt++) {
      if (tokenCount(prompt) != length) {
        return true;
      }
    }
    return false;
  }

  void checkRoomFor(TokenBatch tokens) {
    if (keys[0].wasClosed()) {
      throw new IllegalStateException("this key-value cache is closed");
    }
    if (tokens.batch() != batch()) {
      throw new IllegalArgumentException(
          "the key-value cache holds %d prompts, the batch has %d"
              .formatted(batch(), tokens.batch()));
    }
    if (length + tokens.length() > capacity) {
      throw new IllegalArgumentException(
          "%d more positions do not fit: the key-value cache holds %d of %d"
              .formatted(tokens.length(), length, capacity));
    }
  }

  /** Checks that this cache is of such a model, and holds every layer that the run attends in. */
  void checkFor(RunSpec spec, Gpt2Config config, DataType type) {
    INDArray ofLayer = keys[0];
    if (keys.length != config.nLayers()
        || ofLayer.size(2) != config.nHeads()
        || ofLayer.size(3) != config.dHead()
        || ofLayer.dataType() != type) {
      throw new IllegalArgumentException(
          "the key-value cache was made for another model: %d layers of %d heads of width %d in %s"
              .formatted(keys.length, ofLayer.size(2), ofLayer.size(3), ofLayer.dataType()));
    }
    for (int layer = spec.startLayer(); layer < spec.endLayer(config); layer++) {
      if (lengths[layer] != length) {
        throw new IllegalArgumentException(
            "the key-value cache holds %d positions, but %d of layer %d: a run left that layer out"
                .formatted(length, lengths[layer], layer));
      }
    }
  }

  /**
   * Writes this run's keys behind those held, and returns all of them as a view {@code [batch, src,
   * head, d_head]}. They count as held only after {@link #commit}.
   */
  INDArray extendKeys(Kernels kernels, int layer, INDArray added) {
    return extend(kernels, keys[layer], added);
  }

  /** Does the same for values. */
  INDArray extendValues(Kernels kernels, int layer, INDArray added) {
    return extend(kernels, values[layer], added);
  }

  private INDArray extend(Kernels kernels, INDArray held, INDArray added) {
    kernels.put(added, held, length);
    long[] shape = held.shape().clone();
    shape[1] = length + added.size(1);
    return Nd4j.create(held.data(), shape, held.stride(), held.offset(), 'c');
  }

  void commit(RunSpec spec, Gpt2Config config) {
    TokenBatch tokens = spec.tokens();
    for (int prompt = 0; prompt < batch(); prompt++) {
      for (int pos = 0; pos < tokens.length(); pos++) {
        isToken[prompt][length + pos] = tokens.isToken(prompt, pos);
      }
    }
    length += tokens.length();
    for (int layer = spec.startLayer(); layer < spec.endLayer(config); layer++) {
      lengths[layer] = length;
    }
  }

  /** Frees the arrays. Closing again has no effect. */
  @Override
  public void close() {
    for (INDArray array : keys) {
      closeOnce(array);
    }
    Arrays.stream(values).forEach(KeyValueCache::closeOnce);
  }

  private static void closeOnce(INDArray array) {
    if (!array.wasClosed()) {
      array.close();
    }
  }
}
