package dev.headlamp.engine;

import dev.headlamp.engine.MatrixProducts.Layout;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The compiled products of one thread, as many as are in use: oneDNN keeps the working memory of a
 * product with the thread that made it.
 */
final class OneDnnProducts {

  private static final int CAPACITY = 512;

  private static final ThreadLocal<OneDnnProducts> OF_THREAD =
      ThreadLocal.withInitial(OneDnnProducts::new);

  private record Key(
      long rows, long in, long out, Layout layout, boolean packed, boolean withBias) {}

  private final Map<Key, OneDnnProduct> products =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, OneDnnProduct> eldest) {
          if (size() <= CAPACITY) {
            return false;
          }
          eldest.getValue().close();
          return true;
        }
      };

  static OneDnnProducts ofThisThread() {
    return OF_THREAD.get();
  }

  OneDnnProduct get(long rows, long in, long out, Layout layout, boolean packed, boolean withBias) {
    return products.computeIfAbsent(
        new Key(rows, in, out, layout, packed, withBias),
        key -> OneDnnProduct.of(rows, in, out, layout, packed, withBias));
  }
}
