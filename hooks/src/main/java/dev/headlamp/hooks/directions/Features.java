package dev.headlamp.hooks.directions;

import java.util.Arrays;

/** Some features of an autoencoder on the Java heap: what they read, and what they write. */
final class Features {

  private final SparseAutoencoder autoencoder;
  private final int[] ids;
  private final double[][] reads;
  private final double[][] writes;

  private Features(SparseAutoencoder autoencoder, int[] ids) {
    this.autoencoder = autoencoder;
    this.ids = ids;
    this.reads = Arrays.stream(ids).mapToObj(autoencoder::reads).toArray(double[][]::new);
    this.writes = Arrays.stream(ids).mapToObj(autoencoder::writes).toArray(double[][]::new);
  }

  /**
   * @throws IllegalArgumentException if none is given, one is given twice, or is out of range
   */
  static Features of(SparseAutoencoder autoencoder, int... ids) {
    if (ids.length == 0) {
      throw new IllegalArgumentException(autoencoder.name() + ": at least one feature is needed");
    }
    if (Arrays.stream(ids).distinct().count() < ids.length) {
      throw new IllegalArgumentException(
          "%s: a feature is named twice: %s".formatted(autoencoder.name(), Arrays.toString(ids)));
    }
    for (int id : ids) {
      if (id < 0 || id >= autoencoder.featureCount()) {
        throw new IllegalArgumentException(
            "%s: feature %d is out of range: there are features 0 to %d"
                .formatted(autoencoder.name(), id, autoencoder.featureCount() - 1));
      }
    }
    return new Features(autoencoder, ids.clone());
  }

  int count() {
    return ids.length;
  }

  /** Returns the activation in a row of the {@code i}-th of these features. */
  double activation(int i, Rows rows, int row) {
    double before = rows.along(row, reads[i]) + autoencoder.encoderBias(ids[i]);
    return autoencoder.activation(ids[i], before);
  }

  /** Adds what the {@code i}-th of these features writes for each unit of its activation. */
  void write(int i, double amount, Rows rows, int row) {
    rows.add(row, amount, writes[i]);
  }

  double[][] writes() {
    return writes;
  }
}
