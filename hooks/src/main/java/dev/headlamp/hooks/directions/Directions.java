package dev.headlamp.hooks.directions;

import dev.headlamp.hooks.ActivationCache;
import dev.headlamp.weights.CheckpointFormatException;
import dev.headlamp.weights.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Directions in the space of a point's vectors, such as those of a linear probe. What direction i
 * reads of a vector x, its score, is {@code w_i · x + b_i}; the bias is 0 unless one is given.
 *
 * <p>They fit every point whose vectors have as many entries: the residual stream ({@code
 * d_model}), neurons ({@code d_mlp}), or the q, k, v and z of a head ({@code d_head}). Immutable,
 * and on the Java heap: nothing to close.
 */
public final class Directions {

  private final String name;
  private final double[][] vectors;
  private final double[] biases;

  private Directions(String name, double[][] vectors, double[] biases) {
    this.name = name;
    this.vectors = vectors;
    this.biases = biases;
    for (int i = 0; i < vectors.length; i++) {
      if (!Arrays.stream(vectors[i]).allMatch(Double::isFinite) || !Double.isFinite(biases[i])) {
        throw new IllegalArgumentException("%s: direction %d is not finite".formatted(name, i));
      }
      if (length(vectors[i]) == 0) {
        throw new IllegalArgumentException("%s: direction %d is 0".formatted(name, i));
      }
    }
  }

  /**
   * Returns given directions.
   *
   * @param name what messages call them
   * @param vectors {@code [n][d]}, copied
   * @throws IllegalArgumentException if there are none, they differ in length, or one is 0 or not
   *     finite
   */
  public static Directions of(String name, double[]... vectors) {
    if (vectors.length == 0 || vectors[0].length == 0) {
      throw new IllegalArgumentException(name + ": at least one direction is needed");
    }
    double[][] copies = Arrays.stream(vectors).map(double[]::clone).toArray(double[][]::new);
    for (int i = 0; i < copies.length; i++) {
      if (copies[i].length != copies[0].length) {
        throw new IllegalArgumentException(
            "%s: direction %d has %d entries, direction 0 has %d"
                .formatted(name, i, copies[i].length, copies[0].length));
      }
    }
    return new Directions(name, copies, new double[copies.length]);
  }

  /**
   * Reads directions from a safetensors file.
   *
   * @param tensor {@code [n, d]}, or {@code [d]} for one direction
   * @throws CheckpointFormatException if the file is broken, or has no such tensor of such a shape
   * @throws IllegalArgumentException if a direction is 0 or not finite
   */
  public static Directions read(Path file, String tensor) throws IOException {
    try (SafetensorsFile open = SafetensorsFile.open(file)) {
      Tensors tensors = new Tensors(open);
      double[][] vectors = tensors.vectors(tensor);
      return new Directions(tensors.place(tensor), vectors, new double[vectors.length]);
    }
  }

  /**
   * Reads a linear probe from a safetensors file, as PyTorch's {@code Linear} keeps one.
   *
   * @param weight the name of {@code [n, d]}, or {@code [d]} for one direction
   * @param bias the name of {@code [n]}
   * @throws CheckpointFormatException if the file is broken, or lacks a tensor of such a shape
   * @throws IllegalArgumentException if a direction is 0 or not finite
   */
  public static Directions read(Path file, String weight, String bias) throws IOException {
    try (SafetensorsFile open = SafetensorsFile.open(file)) {
      Tensors tensors = new Tensors(open);
      double[][] vectors = tensors.vectors(weight);
      double[] biases = tensors.vector(bias, vectors.length);
      return new Directions(tensors.place(weight), vectors, biases);
    }
  }

  /** Returns how many directions there are. */
  public int count() {
    return vectors.length;
  }

  /** Returns how many entries the vectors have that are read. */
  public int width() {
    return vectors[0].length;
  }

  /**
   * Returns some of these directions, in the order given.
   *
   * @throws IllegalArgumentException if none is given, or one is out of range
   */
  public Directions only(int... directions) {
    if (directions.length == 0) {
      throw new IllegalArgumentException(name + ": at least one direction is needed");
    }
    for (int direction : directions) {
      if (direction < 0 || direction >= count()) {
        throw new IllegalArgumentException(
            "%s: direction %d is out of range: there are directions 0 to %d"
                .formatted(name, direction, count() - 1));
      }
    }
    return new Directions(
        name,
        Arrays.stream(directions).mapToObj(i -> vectors[i]).toArray(double[][]::new),
        Arrays.stream(directions).mapToDouble(i -> biases[i]).toArray());
  }

  /** Returns these directions of length 1: a score is then a distance, and each bias is scaled. */
  public Directions normalised() {
    double[][] units = new double[count()][];
    double[] scaled = new double[count()];
    for (int i = 0; i < count(); i++) {
      double length = length(vectors[i]);
      units[i] = Arrays.stream(vectors[i]).map(entry -> entry / length).toArray();
      scaled[i] = biases[i] / length;
    }
    return new Directions(name, units, scaled);
  }

  /**
   * Returns the scores of vectors.
   *
   * @param vectors {@code [..., d]}, such as {@code [batch, pos, d_model]}; borrowed
   * @return {@code [..., n]}, of the same type, owned by the caller
   * @throws IllegalArgumentException if they have another number of entries
   */
  public INDArray project(INDArray vectors) {
    Rows rows = Rows.of(vectors, width(), name);
    double[] scores = new double[Math.multiplyExact(rows.count(), count())];
    Arrays.setAll(scores, i -> score(i % count(), rows, i / count()));
    return rows.withLastAxis(scores);
  }

  /**
   * Returns the scores of what a point held: {@code [batch, pos, n]}, or {@code [batch, pos, head,
   * n]} where the point has heads; owned by the caller.
   *
   * @param point the point's name, or a short form of it
   * @throws IllegalArgumentException if there is no such point in the cache, or its vectors have
   *     another number of entries
   */
  public INDArray project(ActivationCache cache, String point) {
    return project(CachedVectors.of(cache, point, width(), name));
  }

  String name() {
    return name;
  }

  double[] vector(int direction) {
    return vectors[direction];
  }

  /** Returns {@code w_i · x + b_i} of a row. */
  double score(int direction, Rows rows, int row) {
    return rows.along(row, vectors[direction]) + biases[direction];
  }

  /** Returns {@code w_i · x} of a row. */
  double projection(int direction, Rows rows, int row) {
    return rows.along(row, vectors[direction]);
  }

  static double dot(double[] a, double[] b) {
    return IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).sum();
  }

  private static double length(double[] vector) {
    return Math.sqrt(dot(vector, vector));
  }
}
