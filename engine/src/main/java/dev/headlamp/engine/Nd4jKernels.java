package dev.headlamp.engine;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.broadcast.BroadcastAddOp;
import org.nd4j.linalg.api.ops.impl.broadcast.BroadcastCopyOp;
import org.nd4j.linalg.api.ops.impl.broadcast.BroadcastDivOp;
import org.nd4j.linalg.api.ops.impl.broadcast.BroadcastSubOp;
import org.nd4j.linalg.api.ops.impl.reduce.floating.Norm2;
import org.nd4j.linalg.api.ops.impl.transforms.comparison.CompareAndSet;
import org.nd4j.linalg.api.ops.impl.transforms.custom.SoftMax;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.BooleanIndexing;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.indexing.conditions.Condition;
import org.nd4j.linalg.indexing.conditions.Conditions;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * The operations on ND4J's portable API: they run on any backend, and are what faster ones are
 * tested against.
 */
final class Nd4jKernels implements Kernels {

  private static final double SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);
  private static final double GELU_CUBIC = 0.044715;

  @Override
  public INDArray rows(RunMemory memory, INDArray table, int[] indices, long... shape) {
    INDArray result = memory.allocate(shape);
    Nd4j.pullRows(table, matrix(result, table.size(1)), 1, indices);
    return result;
  }

  @Override
  public void put(INDArray added, INDArray held, int at) {
    INDArrayIndex all = NDArrayIndex.all();
    held.put(
        new INDArrayIndex[] {all, NDArrayIndex.interval(at, at + added.size(1)), all, all}, added);
  }

  @Override
  public INDArray add(RunMemory memory, INDArray a, INDArray b) {
    return a.addi(b, memory.allocate(a.shape()));
  }

  @Override
  public INDArray linear(
      RunMemory memory, INDArray x, INDArray w, @Nullable INDArray bias, long... shape) {
    INDArray result = memory.allocate(shape);
    multiplyTransposed(w.transpose(), x, result, bias);
    return result;
  }

  @Override
  public INDArray unembed(RunMemory memory, INDArray x, INDArray rows, @Nullable INDArray bias) {
    INDArray result = memory.allocate(x.size(0), x.size(1), rows.size(0));
    multiplyTransposed(rows, x, result, bias);
    return result;
  }

  /**
   * Writes x·leftᵀ + bias to a C-ordered result. Asked for as left·xᵀ into the transposed result it
   * is one BLAS call; asked for directly, ND4J computes into a Fortran-ordered temporary and
   * copies.
   */
  private static void multiplyTransposed(
      INDArray left, INDArray x, INDArray result, @Nullable INDArray bias) {
    INDArray x2 = matrix(x, left.size(1));
    INDArray result2 = matrix(result, left.size(0));
    left.mmuli(x2.transpose(), result2.transpose());
    if (bias != null) {
      Nd4j.exec(new BroadcastAddOp(result2, bias, result2, 1));
    }
  }

  private static INDArray matrix(INDArray x, long width) {
    return x.reshape('c', x.length() / width, width);
  }

  @Override
  public INDArray layerNormScale(RunMemory memory, INDArray x, double epsilon) {
    INDArray centred = centred(memory, x);
    long[] shape = x.shape().clone();
    shape[shape.length - 1] = 1;
    INDArray scale = memory.allocate(shape);
    // The norm of a centred row is sqrt(width · variance).
    Nd4j.exec(new Norm2(matrix(centred, x.size(-1)), matrix(scale, 1), true, 1));
    scale.muli(scale).divi(x.size(-1)).addi(epsilon);
    Transforms.sqrt(scale, false);
    memory.free(centred);
    return scale;
  }

  @Override
  public INDArray layerNorm(
      RunMemory memory, INDArray x, INDArray scale, double epsilon, LayerNormWeights weights) {
    INDArray result = centred(memory, x);
    INDArray rows = matrix(result, x.size(-1));
    Nd4j.exec(new BroadcastDivOp(rows, scale.reshape(rows.size(0)), rows, 0));
    rows.muliRowVector(weights.gain()).addiRowVector(weights.bias());
    return result;
  }

  private static INDArray centred(RunMemory memory, INDArray x) {
    INDArray result = memory.allocate(x.shape());
    INDArray x2 = matrix(x, x.size(-1));
    try (INDArray mean = x2.mean(1)) {
      Nd4j.exec(new BroadcastSubOp(x2, mean, matrix(result, x.size(-1)), 0));
    }
    return result;
  }

  @Override
  public INDArray activate(RunMemory memory, ActivationFunction f, INDArray x) {
    INDArray y = memory.allocate(x.shape());
    switch (f) {
      case GELU_TANH -> {
        // 0.5·x·(1 + tanh(u)) = x·sigmoid(2u), u = sqrt(2/π)·x·(1 + 0.044715·x²)
        x.muli(x, y);
        y.muli(2 * SQRT_2_OVER_PI * GELU_CUBIC).addi(2 * SQRT_2_OVER_PI).muli(x);
        Transforms.sigmoid(y, false).muli(x);
      }
      case GELU -> {
        x.muli(Math.sqrt(0.5), y);
        Nd4j.getExecutioner().exec(new org.nd4j.linalg.api.ops.impl.transforms.strict.Erf(y, y));
        y.addi(1).muli(x).muli(0.5);
      }
      case RELU -> Transforms.max(y.assign(x), 0, false);
      case SILU -> Transforms.sigmoid(y.assign(x), false).muli(x);
    }
    return y;
  }

  @Override
  public INDArray scores(
      RunMemory memory, INDArray q, INDArray k, double divisor, AttentionMask mask) {
    INDArray scores = memory.allocate(q.size(0), q.size(2), q.size(1), k.size(1));
    Nd4j.matmul(q.permute(0, 2, 1, 3), k.permute(0, 2, 3, 1), scores);
    scores.divi(divisor);
    return scores.addi(mask.additive());
  }

  @Override
  public INDArray softmax(RunMemory memory, INDArray scores, boolean emptyRows) {
    INDArray pattern = memory.allocate(scores.shape());
    Nd4j.exec(new SoftMax(scores, pattern, -1));
    if (emptyRows) {
      // Of a row that is -inf throughout the softmax is NaN. Only what is masked becomes 0: a NaN
      // that comes from the scores stays one.
      Condition masked = Conditions.lessThanOrEqual(Double.NEGATIVE_INFINITY);
      Nd4j.getExecutioner().exec(new CompareAndSet(pattern, scores, pattern, masked));
      BooleanIndexing.replaceWhere(pattern, 0, masked);
    }
    return pattern;
  }

  @Override
  public INDArray mix(RunMemory memory, INDArray pattern, INDArray v) {
    INDArray z = memory.allocate(v.size(0), pattern.size(2), v.size(2), v.size(3));
    try (INDArray byHead =
        Nd4j.createUninitialized(memory.type(), v.size(0), v.size(2), pattern.size(2), v.size(3))) {
      Nd4j.matmul(pattern, v.permute(0, 2, 1, 3), byHead);
      return z.assign(byHead.permute(0, 2, 1, 3));
    }
  }

  @Override
  public void headResults(INDArray z, INDArray wO, INDArray results) {
    long rows = z.size(0) * z.size(1);
    long heads = z.size(2);
    long dHead = z.size(3);
    long dModel = wO.size(1);
    INDArray zByHead = z.reshape('c', rows, heads, dHead).permute(1, 0, 2);
    try (INDArray byHead = Nd4j.createUninitialized(results.dataType(), heads, rows, dModel)) {
      Nd4j.matmul(zByHead, wO.reshape('c', heads, dHead, dModel), byHead);
      results.reshape('c', rows, heads, dModel).assign(byHead.permute(1, 0, 2));
    }
  }

  @Override
  public INDArray sumHeads(RunMemory memory, INDArray results, INDArray bias) {
    INDArray sum = memory.keep(results.sum(2));
    INDArray rows = matrix(sum, bias.length());
    Nd4j.exec(new BroadcastAddOp(rows, bias, rows, 1));
    return sum;
  }

  @Override
  public INDArray repeatForHeads(RunMemory memory, INDArray x, int heads) {
    INDArray repeated = memory.allocate(x.size(0), x.size(1), heads, x.size(2));
    // assign() would not broadcast: it copies as many elements as there are.
    INDArray rows = repeated.reshape('c', x.size(0) * x.size(1), heads, x.size(2));
    Nd4j.exec(new BroadcastCopyOp(rows, matrix(x, x.size(2)), rows, 0, 2));
    return repeated;
  }
}
