package dev.headlamp.engine;

import dev.headlamp.engine.MatrixProducts.Fused;
import dev.headlamp.engine.MatrixProducts.Layout;
import dev.headlamp.engine.MatrixProducts.Size;
import java.nio.FloatBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The operations for float32 on a CPU: matrix products by {@link MatrixProducts} straight on the
 * arrays' memory, layer norm and masked softmax by {@link RowFunctions}, everything else in plain
 * Java, a row at a time, through a small array that stays in the processor's cache. What it has no
 * faster way for goes to the portable operations.
 */
final class CpuKernels implements Kernels {

  /** The largest array that a buffer of Java's can span. */
  private static final long BUFFER_LIMIT = Integer.MAX_VALUE / Float.BYTES;

  private static final int CHUNK = 4096;

  private final Kernels portable = new Nd4jKernels();
  private final MatrixProducts products;
  private final RowFunctions functions;
  private final CpuAttention attention;
  private final JoinedInputs joinedInputs = new JoinedInputs();

  private CpuKernels(MatrixProducts products, RowFunctions functions) {
    this.products = products;
    this.functions = functions;
    this.attention = new CpuAttention(products, functions);
  }

  /** Returns kernels for a model of the given weights, borrowed. */
  static CpuKernels byOneDnn(List<INDArray> weights) {
    return new CpuKernels(OneDnn.of(weights), new OneDnnRowFunctions());
  }

  static CpuKernels byOpenBlas() {
    return new CpuKernels(new OpenBlas(), new JavaRowFunctions());
  }

  /** Returns how matrices are multiplied. */
  MatrixProducts products() {
    return products;
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
      FloatMath.add(y, x, count);
      sum.put(sum.position() + from, x, 0, count);
    }
    return result;
  }

  @Override
  public INDArray linear(
      RunMemory memory, INDArray x, INDArray w, @Nullable INDArray bias, long... shape) {
    INDArray result = memory.allocate(shape);
    products.linear(x, w, Layout.PLAIN, bias, Fused.NOTHING, null, result);
    return result;
  }

  @Override
  public AttentionInputs attentionInputs(
      RunMemory memory, INDArray x, BlockWeights weights, int heads) {
    List<INDArray> ws = weights.attentionWeights();
    List<@Nullable INDArray> biases = weights.attentionBiases();
    if (!products.joins(ws, biases)) {
      return Kernels.super.attentionInputs(memory, x, weights, heads);
    }
    INDArray all = memory.allocate(x.size(0), x.size(1), 3 * weights.wQ().size(1));
    products.linearJoined(x, ws, biases, all);
    return joinedInputs.of(all, heads);
  }

  @Override
  public INDArray linearActivated(
      RunMemory memory, INDArray x, INDArray w, @Nullable INDArray bias, ActivationFunction f) {
    if (f != ActivationFunction.GELU_TANH || !products.fuses(Fused.GELU_TANH)) {
      return Kernels.super.linearActivated(memory, x, w, bias, f);
    }
    INDArray result = memory.allocate(x.size(0), x.size(1), w.size(1));
    products.linear(x, w, Layout.PLAIN, bias, Fused.GELU_TANH, null, result);
    return result;
  }

  @Override
  public INDArray linearAdded(
      RunMemory memory, INDArray x, INDArray w, @Nullable INDArray bias, INDArray added) {
    if (!products.fuses(Fused.ADD)) {
      return Kernels.super.linearAdded(memory, x, w, bias, added);
    }
    INDArray result = memory.allocate(added.shape());
    products.linear(x, w, Layout.PLAIN, bias, Fused.ADD, added, result);
    return result;
  }

  @Override
  public INDArray unembed(RunMemory memory, INDArray x, INDArray tokens, @Nullable INDArray bias) {
    INDArray result = memory.allocate(x.size(0), x.size(1), tokens.size(0));
    products.linear(x, tokens, Layout.TRANSPOSED, bias, Fused.NOTHING, null, result);
    return result;
  }

  @Override
  public INDArray layerNormScale(RunMemory memory, INDArray x, double epsilon) {
    if (tooLarge(x)) {
      return portable.layerNormScale(memory, x, epsilon);
    }
    long[] shape = x.shape().clone();
    shape[shape.length - 1] = 1;
    INDArray scale = memory.allocate(shape);
    functions.layerNormScale(x, epsilon, scale);
    return scale;
  }

  @Override
  public INDArray layerNorm(
      RunMemory memory, INDArray x, INDArray scale, double epsilon, LayerNormWeights weights) {
    if (tooLarge(x)) {
      return portable.layerNorm(memory, x, scale, epsilon, weights);
    }
    INDArray result = memory.allocate(x.shape());
    functions.layerNorm(x, scale, epsilon, weights, result);
    return result;
  }

  @Override
  public INDArray layerNorm(
      RunMemory memory, INDArray x, double epsilon, LayerNormWeights weights) {
    if (tooLarge(x)) {
      return portable.layerNorm(memory, x, epsilon, weights);
    }
    INDArray result = memory.allocate(x.shape());
    functions.layerNorm(x, epsilon, weights, result);
    return result;
  }

  @Override
  public INDArray activate(RunMemory memory, ActivationFunction f, INDArray x) {
    if (f == ActivationFunction.GELU_TANH && products.fuses(Fused.GELU_TANH)) {
      INDArray result = memory.allocate(x.shape());
      products.geluTanh(x, result);
      return result;
    }
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
    INDArray scores = memory.allocate(q.size(0), q.size(2), q.size(1), k.size(1));
    if (tooLarge(scores)) {
      return portable.scores(memory, q, k, divisor, mask);
    }
    attention.scores(q, k, divisor, mask, scores);
    return scores;
  }

  @Override
  public INDArray softmax(RunMemory memory, INDArray scores, boolean emptyRows) {
    if (tooLarge(scores)) {
      return portable.softmax(memory, scores, emptyRows);
    }
    INDArray pattern = memory.allocate(scores.shape());
    attention.softmax(scores, emptyRows, pattern);
    return pattern;
  }

  @Override
  public INDArray mix(RunMemory memory, INDArray pattern, INDArray v) {
    INDArray z = memory.allocate(v.size(0), pattern.size(2), v.size(2), v.size(3));
    attention.mix(pattern, v, z);
    return z;
  }

  @Override
  public INDArray attend(
      RunMemory memory,
      INDArray q,
      INDArray k,
      INDArray v,
      double divisor,
      AttentionMask mask,
      boolean emptyRows) {
    INDArray z = memory.allocate(q.shape());
    INDArray scratch = memory.allocate(1, CpuAttention.scratch(q, k));
    attention.attend(q, k, v, divisor, mask, emptyRows, scratch, z);
    memory.free(scratch);
    return z;
  }

  @Override
  public void headResults(INDArray z, INDArray wO, INDArray results) {
    long heads = z.size(2);
    long dHead = z.size(3);
    long dModel = wO.size(1);
    long rows = z.size(0) * z.size(1);
    products.multiplyHeads(
        new Size(1, heads, rows, dHead, dModel, false),
        1,
        new HeadMatrices(z, 0, z.length(), dHead, heads * dHead),
        new HeadMatrices(wO, 0, wO.length(), dHead * dModel, dModel),
        Layout.PLAIN,
        new HeadMatrices(results, 0, results.length(), dModel, heads * dModel));
  }

  @Override
  public void put(INDArray added, INDArray held, int at) {
    if (tooLarge(added) || tooLarge(held)) {
      portable.put(added, held, at);
      return;
    }
    FloatRows from = FloatRows.of(added);
    FloatRows to = FloatRows.of(held);
    int count = Math.toIntExact(added.size(1));
    int room = Math.toIntExact(held.size(1));
    for (int prompt = 0; prompt < added.size(0); prompt++) {
      for (int pos = 0; pos < count; pos++) {
        to.put((prompt * room) + at + pos, from, (prompt * count) + pos);
      }
    }
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
    joinedInputs.clear();
    products.close();
  }

  private static boolean tooLarge(INDArray array) {
    return array.length() > BUFFER_LIMIT;
  }

  /** Returns the numbers of a vector. */
  static float[] floats(INDArray vector) {
    float[] values = new float[Math.toIntExact(vector.length())];
    FloatBuffer buffer = buffer(vector);
    buffer.get(buffer.position(), values);
    return values;
  }

  /** Returns the array's memory; the buffer's position is the array's first element. */
  static FloatBuffer buffer(INDArray array) {
    return array.data().asNioFloat();
  }
}
