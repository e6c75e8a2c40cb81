package dev.headlamp.hooks.lens;

import dev.headlamp.engine.LayerNormWeights;
import dev.headlamp.hooks.HookedGpt2;
import java.util.Arrays;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.broadcast.BroadcastDivOp;
import org.nd4j.linalg.api.ops.impl.broadcast.BroadcastSubOp;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The layer norm in front of a reader, {@code (x - mean(x)) / scale · gain + bias}, applied in
 * place to rows {@code [row, d_model]}.
 */
final class ReaderNorm {

  private final ResidualReader reader;
  private final LayerNormWeights weights;
  private final double epsilon;
  private final CachedRows chosen;

  ReaderNorm(ResidualReader reader, HookedGpt2 model, CachedRows chosen) {
    this.reader = reader;
    this.weights = reader.norm(model.engine().weights());
    this.epsilon = model.config().layerNormEpsilon();
    this.chosen = chosen;
  }

  /** Normalises states of the whole stream. */
  void applyToStates(INDArray states, LayerNormScale scale) {
    subtractMeans(states);
    divide(states, scale == LayerNormScale.OWN ? ownScales(states) : cachedScales());
    states.muliRowVector(weights.gain()).addiRowVector(weights.bias());
  }

  /**
   * Applies to parts of the stream what the norm did to their sum: the cached scale and the gain.
   * The bias is left out, because it belongs to no part.
   *
   * @param parts the chosen rows of one part, then those of the next, and so on
   */
  void applyToParts(INDArray parts) {
    subtractMeans(parts);
    divide(parts, cachedScales());
    parts.muliRowVector(weights.gain());
  }

  /** Returns what the norm divided by in the run, for each chosen row. */
  double[] cachedScales() {
    try (INDArray scales = chosen.of(reader.scale())) {
      return Directions.values(scales);
    }
  }

  /**
   * Returns the directions in front of the norm, the scale left out, for directions behind it: of
   * {@code norm(x)·u} a part x has {@code x·centred(gain∘u) / scale}.
   */
  Directions inFront(double[][] behind) {
    double[] gain = Directions.values(weights.gain());
    return new Directions(
        Arrays.stream(behind)
            .map(u -> centred(IntStream.range(0, u.length).mapToDouble(i -> gain[i] * u[i])))
            .toArray(double[][]::new));
  }

  private static double[] centred(DoubleStream values) {
    double[] vector = values.toArray();
    double mean = Arrays.stream(vector).average().orElseThrow();
    return Arrays.stream(vector).map(value -> value - mean).toArray();
  }

  /** Returns what the norm's bias adds along each of some directions behind it. */
  double[] biasAlong(double[][] behind) {
    double[] bias = Directions.values(weights.bias());
    return Arrays.stream(behind)
        .mapToDouble(u -> IntStream.range(0, u.length).mapToDouble(i -> bias[i] * u[i]).sum())
        .toArray();
  }

  private static void subtractMeans(INDArray rows) {
    try (INDArray means = rows.mean(1)) {
      Nd4j.exec(new BroadcastSubOp(rows, means, rows, 0));
    }
  }

  /** Returns sqrt(variance + eps) of rows whose mean is 0. */
  private double[] ownScales(INDArray centred) {
    long width = centred.size(1);
    try (INDArray norms = centred.norm2(1)) {
      return Arrays.stream(Directions.values(norms))
          .map(norm -> Math.sqrt(norm * norm / width + epsilon))
          .toArray();
    }
  }

  /** Divides each row by its scale; the scales serve again where there are more rows. */
  private static void divide(INDArray rows, double[] scales) {
    double[] each =
        IntStream.range(0, Math.toIntExact(rows.size(0)))
            .mapToDouble(row -> scales[row % scales.length])
            .toArray();
    try (INDArray divisors = vector(each, rows.dataType())) {
      Nd4j.exec(new BroadcastDivOp(rows, divisors, rows, 0));
    }
  }

  private static INDArray vector(double[] values, DataType type) {
    if (type == DataType.DOUBLE) {
      return Nd4j.createFromArray(values);
    }
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return Nd4j.createFromArray(floats);
  }
}
