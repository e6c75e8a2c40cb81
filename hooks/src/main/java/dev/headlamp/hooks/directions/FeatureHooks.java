package dev.headlamp.hooks.directions;

import dev.headlamp.hooks.ActivationCache;
import dev.headlamp.hooks.Hook;
import dev.headlamp.hooks.HookContext;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Hooks that edit the features of a sparse autoencoder. What the autoencoder leaves out, its error,
 * is kept, and so is what all other features write: x becomes {@code x + Σ (new_i − old_i) ·
 * W_dec[i]}. The run goes on with a model that nothing else was done to.
 *
 * <p>They are registered on any point whose vectors have as many entries as the autoencoder reads.
 * When called, each throws {@link IllegalArgumentException} at a point that holds other vectors;
 * the message names the file, the tensor and the point. All but {@link #splice} may be called after
 * the autoencoder is closed.
 */
public final class FeatureHooks {

  private FeatureHooks() {}

  /**
   * Returns a hook that sets the activation of a feature.
   *
   * @param activation such as a multiple of its largest on some text; 0 ablates it
   * @throws IllegalArgumentException if there is no such feature, or the number is not finite
   * @throws IllegalStateException if the autoencoder is closed
   */
  public static Hook set(SparseAutoencoder autoencoder, int feature, double activation) {
    if (!Double.isFinite(activation)) {
      throw new IllegalArgumentException(
          "feature %d cannot be set to %s".formatted(feature, activation));
    }
    Features features = Features.of(autoencoder, feature);
    return (value, context) ->
        edited(autoencoder, features, value, context, (i, row) -> activation);
  }

  /**
   * Returns a hook that sets the activations of features to 0.
   *
   * @throws IllegalArgumentException if none is given, or there is no such feature
   * @throws IllegalStateException if the autoencoder is closed
   */
  public static Hook ablate(SparseAutoencoder autoencoder, int... features) {
    Features ablated = Features.of(autoencoder, features);
    return (value, context) -> edited(autoencoder, ablated, value, context, (i, row) -> 0);
  }

  /**
   * Returns a hook that sets the activations of features to what they were at the same place of
   * another run.
   *
   * <p>When called it also throws {@link IllegalArgumentException} if the cache does not hold the
   * point, or holds other numbers of prompts or positions.
   *
   * @param other a cache of whole positions, borrowed; its run had as many prompts and positions
   * @throws IllegalArgumentException if none is given, or there is no such feature
   * @throws IllegalStateException if the autoencoder is closed
   */
  public static Hook swapFrom(
      SparseAutoencoder autoencoder, ActivationCache other, int... features) {
    Features swapped = Features.of(autoencoder, features);
    return (value, context) -> {
      Rows source = CachedVectors.at(context, other);
      return edited(
          autoencoder, swapped, value, context, (i, row) -> swapped.activation(i, source, row));
    };
  }

  /**
   * Returns a hook that puts the reconstruction in place of the vectors, without the error: what
   * that costs the model says how much of the point the autoencoder explains.
   *
   * <p>When called it throws {@link IllegalStateException} if the autoencoder is closed.
   *
   * @param autoencoder borrowed
   */
  public static Hook splice(SparseAutoencoder autoencoder) {
    return (value, context) -> {
      Rows rows = Rows.at(context, value, autoencoder.width(), autoencoder.name());
      return rows.withLastAxis(autoencoder.explained(rows));
    };
  }

  /** What the activation of a feature is to be in a row. */
  private interface Activations {
    double of(int feature, int row);
  }

  private static INDArray edited(
      SparseAutoencoder autoencoder,
      Features features,
      INDArray value,
      HookContext context,
      Activations wanted) {
    Rows rows = Rows.at(context, value, autoencoder.width(), autoencoder.name());
    for (int row = 0; row < rows.count(); row++) {
      // All activations are read before the first is changed.
      double[] changes = new double[features.count()];
      for (int i = 0; i < changes.length; i++) {
        changes[i] = wanted.of(i, row) - features.activation(i, rows, row);
      }
      for (int i = 0; i < changes.length; i++) {
        features.write(i, changes[i], rows, row);
      }
    }
    return rows.toArray();
  }
}
