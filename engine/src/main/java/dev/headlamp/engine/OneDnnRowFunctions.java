package dev.headlamp.engine;

import java.nio.FloatBuffer;
import java.util.BitSet;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Layer norm and masked softmax by oneDNN, but for few rows, which are not worth a call. */
final class OneDnnRowFunctions implements RowFunctions {

  /** With fewer rows a layer norm in Java is done before a call has begun to work. */
  private static final int FEW = 64;

  /** For a head with more scores than this no limits are written down: they would fill memory. */
  private static final int MOST_LIMITS = 1 << 12;

  private final RowFunctions inJava = new JavaRowFunctions();

  @Override
  public void layerNormScale(INDArray x, double epsilon, INDArray scale) {
    inJava.layerNormScale(x, epsilon, scale);
  }

  @Override
  public void layerNorm(
      INDArray x, INDArray scale, double epsilon, LayerNormWeights weights, INDArray result) {
    if (areFew(x)) {
      inJava.layerNorm(x, scale, epsilon, weights, result);
      return;
    }
    layerNorm(x, epsilon, weights, result);
    // The library finds the scale itself: rows that were given another are left to Java.
    CpuLayerNorm.of(x).normalizeOthers(epsilon, scale, weights, result);
  }

  @Override
  public void layerNorm(INDArray x, double epsilon, LayerNormWeights weights, INDArray result) {
    if (areFew(x)) {
      inJava.layerNorm(x, epsilon, weights, result);
      return;
    }
    long width = x.size(-1);
    OneDnnProducts.ofThisThread()
        .layerNorm(new OneDnnLayerNorm.Key(x.length() / width, width, epsilon))
        .execute(
            x.data().addressPointer(),
            weights.gain().data().addressPointer(),
            weights.bias().data().addressPointer(),
            result.data().addressPointer());
  }

  private static boolean areFew(INDArray x) {
    return x.length() / x.size(-1) < FEW;
  }

  @Override
  public void hide(ScoreRows scores, AttentionMask mask) {
    int ofHead = scores.queries() * scores.keys();
    // A single query, that of generation, has another number of keys each time and hides next to
    // none.
    if (scores.queries() == 1 || ofHead > MOST_LIMITS || !scores.areWhole(mask)) {
      inJava.hide(scores, mask);
      return;
    }
    INDArray limits = mask.limits();
    boolean alike = limits.size(0) == 1;
    OneDnnProducts.ofThisThread()
        .minimum(
            alike
                ? new OneDnnMinimum.Key(1, (long) scores.prompts() * scores.heads(), ofHead)
                : new OneDnnMinimum.Key(scores.prompts(), scores.heads(), ofHead))
        .execute(
            scores.scores().data().addressPointer(),
            new FloatPointer(limits.data().addressPointer())
                .getPointer(alike ? 0 : (long) scores.firstPrompt() * ofHead));
  }

  @Override
  public void softmax(INDArray x, int rows, int width, boolean emptyRows, INDArray result) {
    if (!emptyRows) {
      softmax(x, rows, width, result);
      return;
    }
    BitSet empty = emptyRows(x, rows, width);
    softmax(x, rows, width, result);
    FloatBuffer floats = CpuKernels.buffer(result).slice();
    float[] zeros = new float[width];
    empty.stream().forEach(row -> floats.put(row * width, zeros));
  }

  private static void softmax(INDArray x, int rows, int width, INDArray result) {
    OneDnnProducts.ofThisThread()
        .softmax(new OneDnnSoftmax.Key(rows, width))
        .execute(x.data().addressPointer(), result.data().addressPointer());
  }

  /** Returns the rows of -inf throughout, of which the library makes NaN. */
  private static BitSet emptyRows(INDArray x, int rows, int width) {
    FloatBuffer floats = CpuKernels.buffer(x).slice();
    BitSet empty = new BitSet(rows);
    for (int row = 0; row < rows; row++) {
      int at = row * width;
      int end = at + width;
      while (at < end && floats.get(at) == Float.NEGATIVE_INFINITY) {
        at++;
      }
      empty.set(row, at == end);
    }
    return empty;
  }
}
