package dev.headlamp.engine;

import dev.headlamp.engine.MatrixProducts.Layout;
import java.nio.FloatBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The operations for float32 on a CPU: matrix products by {@link OpenBlas} straight on the arrays'
 * memory, everything else in plain Java, a row at a time, through a small array that stays in the
 * processor's cache. What it has no faster way for goes to the portable operations.
 */
final class CpuKernels implements Kernels {

  /** The largest array that a buffer of Java's can span. */
  private static final long BUFFER_LIMIT = Integer.MAX_VALUE / Float.BYTES;

  private static final int CHUNK = 4096;

  private final Kernels portable = new Nd4jKernels();
  private final MatrixProducts products;

  CpuKernels(MatrixProducts products) {
    this.products = products;
  }

  @Override
  public INDArray rows(RunMemory memory, INDArray table, int[] indices, long... shape) {
    INDArray result = memory.allocate(shape);
    if (tooLarge(table) || tooLarge(result)) {
      return portable.rows(memory, table, indices, shape);
    }
    int width = Math.toIntExact(table.size(1));
    float[] row = new float[width];
    FloatBuffer from = buffer(table);
    FloatBuffer to = buffer(result);
    for (int i = 0; i < indices.length; i++) {
      from.get(from.position() + (indices[i] * width), row);
      to.put(to.position() + (i * width), row);
    }
    return result;
  }

  @Override
  public INDArray add(RunMemory memory, INDArray a, INDArray b) {
    if (tooLarge(a)) {
      return portable.add(memory, a, b);
    }
    INDArray result = memory.allocate(a.shape());
    float[] x = new float[CHUNK];
    float[] y = new float[CHUNK];
    FloatBuffer first = buffer(a);
    FloatBuffer second = buffer(b);
    FloatBuffer sum = buffer(result);
    int length = Math.toIntExact(a.length());
    for (int from = 0; from < length; from += CHUNK) {
      int count = Math.min(CHUNK, length - from);
      first.get(first.position() + from, x, 0, count);
      second.get(second.position() + from, y, 0, count);
      for (int i = 0; i < count; i++) {
        x[i] += y[i];
      }
      sum.put(sum.position() + from, x, 0, count);
    }
    return result;
  }

  @Override
  public INDArray linear(
      RunMemory memory, INDArray x, INDArray w, @Nullable INDArray bias, long... shape) {
    INDArray result = memory.allocate(shape);
    products.linear(x, w, Layout.PLAIN, bias, result);
    return result;
  }

  @Override
  public INDArray unembed(RunMemory memory, INDArray x, INDArray tokens, @Nullable INDArray bias) {
    INDArray result = memory.allocate(x.size(0), x.size(1), tokens.size(0));
    products.linear(x, tokens, Layout.TRANSPOSED, bias, result);
    return result;
  }

  @Override
  public INDArray layerNormScale(RunMemory memory, INDArray x, double epsilon) {
    if (tooLarge(x)) {
      return portable.layerNormScale(memory, x, epsilon);
    }
    long[] shape = x.shape().clone();
    int width = Math.toIntExact(shape[shape.length - 1]);
    shape[shape.length - 1] = 1;
    INDArray scale = memory.allocate(shape);
    FloatBuffer from = buffer(x);
    FloatBuffer to = buffer(scale);
    float[] row = new float[width];
    for (int i = 0; i < scale.length(); i++) {
      from.get(from.position() + (i * width), row);
      float mean = FloatMath.sum(row, 0, width) / width;
      double variance = FloatMath.sumOfSquares(row, mean, width) / (double) width;
      to.put(to.position() + i, (float) Math.sqrt(variance + epsilon));
    }
    return scale;
  }

  @Override
  public INDArray layerNorm(
      RunMemory memory, INDArray x, INDArray scale, LayerNormWeights weights) {
    if (tooLarge(x)) {
      return portable.layerNorm(memory, x, scale, weights);
    }
    INDArray result = memory.allocate(x.shape());
    int width = Math.toIntExact(x.size(-1));
    float[] gain = floats(weights.gain());
    float[] bias = floats(weights.bias());
    float[] row = new float[width];
    FloatBuffer from = buffer(x);
    FloatBuffer scales = buffer(scale);
    FloatBuffer to = buffer(result);
    for (int i = 0; i < scale.length(); i++) {
      from.get(from.position() + (i * width), row);
      float mean = FloatMath.sum(row, 0, width) / width;
      float divisor = scales.get(scales.position() + i);
      for (int j = 0; j < width; j++) {
        row[j] = ((row[j] - mean) / divisor * gain[j]) + bias[j];
      }
      to.put(to.position() + (i * width), row);
    }
    return result;
  }

  @Override
  public INDArray activate(RunMemory memory, ActivationFunction f, INDArray x) {
    boolean vectorised = f == ActivationFunction.GELU_TANH || f == ActivationFunction.RELU;
    if (!vectorised || tooLarge(x)) {
      return portable.activate(memory, f, x);
    }
    INDArray result = memory.allocate(x.shape());
    float[] in = new float[CHUNK];
    float[] out = new float[CHUNK];
    FloatBuffer from = buffer(x);
    FloatBuffer to = buffer(result);
    int length = Math.toIntExact(x.length());
    for (int start = 0; start < length; start += CHUNK) {
      int count = Math.min(CHUNK, length - start);
      from.get(from.position() + start, in, 0, count);
      if (f == ActivationFunction.RELU) {
        FloatMath.relu(in, out, count);
      } else {
        FloatMath.geluTanh(in, out, count);
      }
      to.put(to.position() + start, out, 0, count);
    }
    return result;
  }

  @Override
  public INDArray scores(
      RunMemory memory, INDArray q, INDArray k, double divisor, AttentionMask mask) {
    int batch = Math.toIntExact(q.size(0));
    int dest = Math.toIntExact(q.size(1));
    int heads = Math.toIntExact(q.size(2));
    int dHead = Math.toIntExact(q.size(3));
    int src = Math.toIntExact(k.size(1));
    INDArray scores = memory.allocate(batch, heads, dest, src);
    if (tooLarge(scores)) {
      return portable.scores(memory, q, k, divisor, mask);
    }
    fillWithMask(scores, mask, batch, heads, dest * src);
    NativeMatrix queries = NativeMatrix.of(q, (long) heads * dHead);
    NativeMatrix keys = NativeMatrix.of(k, k.stride(1));
    NativeMatrix result = NativeMatrix.of(scores, src);
    for (int b = 0; b < batch; b++) {
      for (int h = 0; h < heads; h++) {
        products.multiplyTransposed(
            dest,
            src,
            dHead,
            (float) (1 / divisor),
            queries.at(((long) b * dest * heads + h) * dHead),
            keys.at(b * k.stride(0) + h * k.stride(2)),
            1,
            result.at(((long) b * heads + h) * dest * src));
      }
    }
    return scores;
  }

  /** The product is added to what stands there, and -inf plus anything finite is -inf. */
  private static void fillWithMask(
      INDArray scores, AttentionMask mask, int batch, int heads, int size) {
    float[] values = new float[size];
    FloatBuffer masks = buffer(mask.additive());
    FloatBuffer to = buffer(scores);
    for (int b = 0; b < batch; b++) {
      if (b == 0 || mask.additive().size(0) > 1) {
        masks.get(masks.position() + (b * size), values);
      }
      for (int h = 0; h < heads; h++) {
        to.put(to.position() + (((b * heads) + h) * size), values);
      }
    }
  }

  @Override
  public INDArray softmax(RunMemory memory, INDArray scores, boolean emptyRows) {
    if (tooLarge(scores)) {
      return portable.softmax(memory, scores, emptyRows);
    }
    INDArray pattern = memory.allocate(scores.shape());
    int width = Math.toIntExact(scores.size(-1));
    FloatBuffer from = buffer(scores);
    FloatBuffer to = buffer(pattern);
    float[] x = new float[width];
    float[] y = new float[width];
    int rows = Math.toIntExact(scores.length() / width);
    for (int row = 0; row < rows; row++) {
      from.get(from.position() + (row * width), x);
      softmax(x, y, emptyRows);
      to.put(to.position() + (row * width), y);
    }
    return pattern;
  }

  private static void softmax(float[] x, float[] y, boolean mayBeEmpty) {
    int visible = x.length;
    while (visible > 0 && x[visible - 1] == Float.NEGATIVE_INFINITY) {
      visible--;
    }
    Arrays.fill(y, visible, y.length, 0);
    if (visible == 0) {
      Arrays.fill(y, mayBeEmpty ? 0 : Float.NaN);
      return;
    }
    FloatMath.expShifted(x, FloatMath.max(x, 0, visible), y, 0, visible);
    for (int i = 0; i < visible; i++) {
      if (x[i] == Float.NEGATIVE_INFINITY) {
        y[i] = 0;
      }
    }
    float factor = 1 / FloatMath.sum(y, 0, visible);
    for (int i = 0; i < visible; i++) {
      y[i] *= factor;
    }
  }

  @Override
  public INDArray mix(RunMemory memory, INDArray pattern, INDArray v) {
    int batch = Math.toIntExact(v.size(0));
    int src = Math.toIntExact(v.size(1));
    int heads = Math.toIntExact(v.size(2));
    int dHead = Math.toIntExact(v.size(3));
    int dest = Math.toIntExact(pattern.size(2));
    INDArray z = memory.allocate(batch, dest, heads, dHead);
    NativeMatrix patterns = NativeMatrix.of(pattern, src);
    NativeMatrix values = NativeMatrix.of(v, v.stride(1));
    NativeMatrix result = NativeMatrix.of(z, (long) heads * dHead);
    for (int b = 0; b < batch; b++) {
      for (int h = 0; h < heads; h++) {
        products.multiply(
            dest,
            dHead,
            src,
            1,
            patterns.at(((long) b * heads + h) * dest * src),
            values.at(b * v.stride(0) + h * v.stride(2)),
            0,
            result.at(((long) b * dest * heads + h) * dHead));
      }
    }
    return z;
  }

  @Override
  public INDArray headResults(RunMemory memory, INDArray z, INDArray wO) {
    int rows = Math.toIntExact(z.size(0) * z.size(1));
    int heads = Math.toIntExact(z.size(2));
    int dHead = Math.toIntExact(z.size(3));
    int dModel = Math.toIntExact(wO.size(1));
    INDArray results = memory.allocate(z.size(0), z.size(1), heads, dModel);
    NativeMatrix input = NativeMatrix.of(z, (long) heads * dHead);
    NativeMatrix weights = NativeMatrix.of(wO, dModel);
    NativeMatrix result = NativeMatrix.of(results, (long) heads * dModel);
    for (int h = 0; h < heads; h++) {
      products.multiply(
          rows,
          dModel,
          dHead,
          1,
          input.at((long) h * dHead),
          weights.at((long) h * dHead * dModel),
          0,
          result.at((long) h * dModel));
    }
    return results;
  }

  @Override
  public INDArray sumHeads(RunMemory memory, INDArray results, INDArray bias) {
    return portable.sumHeads(memory, results, bias);
  }

  @Override
  public INDArray repeatForHeads(RunMemory memory, INDArray x, int heads) {
    INDArray repeated = memory.allocate(x.size(0), x.size(1), heads, x.size(2));
    if (tooLarge(repeated)) {
      return portable.repeatForHeads(memory, x, heads);
    }
    int width = Math.toIntExact(x.size(2));
    float[] row = new float[width];
    FloatBuffer from = buffer(x);
    FloatBuffer to = buffer(repeated);
    int rows = Math.toIntExact(x.length() / width);
    for (int i = 0; i < rows; i++) {
      from.get(from.position() + (i * width), row);
      for (int h = 0; h < heads; h++) {
        to.put(to.position() + (((i * heads) + h) * width), row);
      }
    }
    return repeated;
  }

  @Override
  public void close() {
    products.close();
  }

  private static boolean tooLarge(INDArray array) {
    return array.length() > BUFFER_LIMIT;
  }

  private static float[] floats(INDArray vector) {
    float[] values = new float[Math.toIntExact(vector.length())];
    FloatBuffer buffer = buffer(vector);
    buffer.get(buffer.position(), values);
    return values;
  }

  /** Returns the array's memory; the buffer's position is the array's first element. */
  private static FloatBuffer buffer(INDArray array) {
    return array.data().asNioFloat();
  }
}
