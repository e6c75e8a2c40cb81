package dev.headlamp.hooks.directions;

import dev.headlamp.hooks.ActivationCache;
import dev.headlamp.weights.CheckpointFormatException;
import dev.headlamp.weights.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A sparse autoencoder of a point's vectors: {@code features = σ(x W_enc + b_enc)} and {@code x ≈
 * features W_dec + b_dec} (Bricken et al. 2023, "Towards Monosemanticity"). σ is ReLU, or with
 * thresholds θ JumpReLU: what is not above θ is 0 (Rajamanoharan et al. 2024, arXiv 2407.14435).
 * Other kinds, such as gated or top-k, are not known.
 *
 * <p>Immutable; holds its weights outside the Java heap until closed.
 */
public final class SparseAutoencoder implements AutoCloseable {

  private final String name;
  private final INDArray encoder;
  private final INDArray decoder;
  private final double[] encoderBias;
  private final double[] decoderBias;
  private final double[] thresholds;

  /**
   * Takes over the arrays.
   *
   * @param name what messages call it
   * @param encoder {@code [d, feature]}
   * @param decoder {@code [feature, d]}
   * @param encoderBias {@code [feature]}, with what subtracting the decoder's bias comes to
   */
  SparseAutoencoder(
      String name,
      INDArray encoder,
      INDArray decoder,
      double[] encoderBias,
      double[] decoderBias,
      double[] thresholds) {
    this.name = name;
    this.encoder = encoder;
    this.decoder = decoder;
    this.encoderBias = encoderBias;
    this.decoderBias = decoderBias;
    this.thresholds = thresholds;
  }

  /**
   * Reads an autoencoder from a safetensors file and computes in float32.
   *
   * @throws CheckpointFormatException if the file is broken, or lacks a tensor of such a shape
   */
  public static SparseAutoencoder read(Path file, AutoencoderTensors tensors) throws IOException {
    return read(file, tensors, DataType.FLOAT);
  }

  /**
   * Reads an autoencoder from a safetensors file.
   *
   * @param type FLOAT or DOUBLE: that in which it computes
   * @throws CheckpointFormatException if the file is broken, or lacks a tensor of such a shape
   * @throws IllegalArgumentException if {@code type} is another
   */
  public static SparseAutoencoder read(Path file, AutoencoderTensors tensors, DataType type)
      throws IOException {
    try (SafetensorsFile open = SafetensorsFile.open(file)) {
      return new AutoencoderReader(open, tensors, type).read();
    }
  }

  /** Returns how many entries the vectors have that are read and written. */
  public int width() {
    return decoderBias.length;
  }

  /** Returns how many features there are. */
  public int featureCount() {
    return encoderBias.length;
  }

  /**
   * Returns the activation of each feature.
   *
   * @param vectors {@code [..., d]}, such as {@code [batch, pos, d_model]}; borrowed
   * @return {@code [..., feature]}, of the same type, owned by the caller
   * @throws IllegalArgumentException if they have another number of entries, or there are more
   *     activations than an array holds: give fewer positions
   * @throws IllegalStateException if this autoencoder is closed
   */
  public INDArray encode(INDArray vectors) {
    Rows rows = Rows.of(vectors, width(), name);
    return rows.withLastAxis(activations(rows));
  }

  /**
   * Returns the activation of each feature at what a point held: {@code [batch, pos, feature]}, or
   * {@code [batch, pos, head, feature]} where the point has heads; owned by the caller.
   *
   * @param point the point's name, or a short form of it
   * @throws IllegalArgumentException if there is no such point in the cache, or as {@link
   *     #encode(INDArray)}
   * @throws IllegalStateException if this autoencoder or the cache is closed
   */
  public INDArray encode(ActivationCache cache, String point) {
    return encode(CachedVectors.of(cache, point, width(), name));
  }

  /**
   * Returns what features write, the decoder's bias included.
   *
   * @param activations {@code [..., feature]}, borrowed
   * @return {@code [..., d]}, of the same type, owned by the caller
   * @throws IllegalArgumentException if there is another number of features
   * @throws IllegalStateException if this autoencoder is closed
   */
  public INDArray decode(INDArray activations) {
    Rows rows = Rows.of(activations, featureCount(), name + ", decoder");
    return rows.withLastAxis(decoded(rows));
  }

  /**
   * Returns vectors as this autoencoder explains them, and what it leaves out.
   *
   * @param vectors {@code [..., d]}, borrowed
   * @return to be closed by the caller
   * @throws IllegalArgumentException as {@link #encode(INDArray)}
   * @throws IllegalStateException if this autoencoder is closed
   */
  public Reconstruction reconstruct(INDArray vectors) {
    Rows rows = Rows.of(vectors, width(), name);
    INDArray features = rows.withLastAxis(activations(rows));
    double[] explained = decoded(Rows.of(features));
    INDArray explainedArray = rows.withLastAxis(explained);
    rows.subtract(explained);
    return new Reconstruction(features, explainedArray, rows.toArray());
  }

  /**
   * Returns the directions that features write along, {@code [given features][d]}, for {@link
   * DirectionHooks}.
   *
   * @throws IllegalArgumentException if none is given, one is out of range, or writes nothing
   * @throws IllegalStateException if this autoencoder is closed
   */
  public Directions decoderDirections(int... features) {
    return Directions.of(name + ", decoder", Features.of(this, features).writes());
  }

  /** Returns what features write for vectors as they are read, {@code [row, d]}. */
  double[] explained(Rows rows) {
    return decoded(Rows.of(rows.withLastAxis(activations(rows))));
  }

  /** Returns {@code [row, feature]}. */
  private double[] activations(Rows rows) {
    double[] numbers = product(rows, encoder);
    Arrays.setAll(
        numbers,
        i -> {
          int feature = i % featureCount();
          return activation(feature, numbers[i] + encoderBias[feature]);
        });
    return numbers;
  }

  /** Returns the activation of a feature. A NaN stays one. */
  double activation(int feature, double before) {
    return before <= thresholds[feature] ? 0 : Math.max(before, 0);
  }

  /** Returns {@code [row, d]}. */
  private double[] decoded(Rows activations) {
    double[] numbers = product(activations, decoder);
    Arrays.setAll(numbers, i -> numbers[i] + decoderBias[i % width()]);
    return numbers;
  }

  @SuppressWarnings("try") // The scope is used by being open.
  private double[] product(Rows rows, INDArray weight) {
    requireOpen();
    if ((long) rows.count() * weight.size(1) > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "%s: %d vectors of %d entries are more than an array holds: give fewer positions"
              .formatted(name, rows.count(), weight.size(1)));
    }
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces();
        INDArray left = rows.toMatrix(weight.dataType());
        INDArray product = left.mmul(weight);
        INDArray ordered = product.dup('c')) {
      return ordered.data().asDouble();
    }
  }

  String name() {
    return name;
  }

  /** Returns the encoder's column of a feature. */
  double[] reads(int feature) {
    requireOpen();
    double[] column = new double[width()];
    Arrays.setAll(column, i -> encoder.getDouble(i, feature));
    return column;
  }

  /** Returns the decoder's row of a feature. */
  double[] writes(int feature) {
    requireOpen();
    double[] row = new double[width()];
    Arrays.setAll(row, i -> decoder.getDouble(feature, i));
    return row;
  }

  double encoderBias(int feature) {
    return encoderBias[feature];
  }

  private void requireOpen() {
    if (encoder.wasClosed()) {
      throw new IllegalStateException(name + " is closed");
    }
  }

  /** Frees the weights. Closing again has no effect. */
  @Override
  public void close() {
    if (!encoder.wasClosed()) {
      encoder.close();
      decoder.close();
    }
  }
}
