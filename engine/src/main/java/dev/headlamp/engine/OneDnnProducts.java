package dev.headlamp.engine;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * What one thread has had oneDNN compile, as much as is in use: the library keeps the working
 * memory of a product with the thread that made it.
 */
final class OneDnnProducts {

  private static final int CAPACITY = 512;

  private static final ThreadLocal<OneDnnProducts> OF_THREAD =
      ThreadLocal.withInitial(OneDnnProducts::new);

  private final Latest<OneDnnProduct.Size, OneDnnProduct> products =
      new Latest<>(OneDnnProduct::of);
  private final Latest<OneDnnHeads.Key, OneDnnHeads> heads = new Latest<>(OneDnnHeads::of);
  private final Latest<Long, OneDnnGelu> gelus = new Latest<>(OneDnnGelu::of);
  private final Latest<OneDnnLayerNorm.Key, OneDnnLayerNorm> layerNorms =
      new Latest<>(OneDnnLayerNorm::of);
  private final Latest<OneDnnSoftmax.Key, OneDnnSoftmax> softmaxes =
      new Latest<>(OneDnnSoftmax::of);
  private final Latest<OneDnnMinimum.Key, OneDnnMinimum> minima = new Latest<>(OneDnnMinimum::of);

  static OneDnnProducts ofThisThread() {
    return OF_THREAD.get();
  }

  OneDnnProduct product(OneDnnProduct.Size size) {
    return products.get(size);
  }

  OneDnnHeads heads(OneDnnHeads.Key key) {
    return heads.get(key);
  }

  OneDnnGelu gelu(long length) {
    return gelus.get(length);
  }

  OneDnnLayerNorm layerNorm(OneDnnLayerNorm.Key key) {
    return layerNorms.get(key);
  }

  OneDnnSoftmax softmax(OneDnnSoftmax.Key key) {
    return softmaxes.get(key);
  }

  OneDnnMinimum minimum(OneDnnMinimum.Key key) {
    return minima.get(key);
  }

  /** What was asked for latest; the rest is made again when it is asked for again. */
  private static final class Latest<K, V> {
    private final Function<K, V> maker;
    private final Map<K, V> values = new LinkedHashMap<>(16, 0.75f, true);

    Latest(Function<K, V> maker) {
      this.maker = maker;
    }

    V get(K key) {
      V value = values.computeIfAbsent(key, maker);
      if (values.size() > CAPACITY) {
        // The garbage collector frees what it refers to.
        values.remove(values.keySet().iterator().next());
      }
      return value;
    }
  }
}
