package dev.headlamp.hooks.directions;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Vectors as an autoencoder explains them: {@code vectors = explained + error}. Holds memory
 * outside the Java heap until closed.
 *
 * @param features the activation of each feature, {@code [..., feature]}
 * @param explained what the features write, and the decoder's bias: {@code [..., d]}
 * @param error what they leave out, {@code [..., d]}
 */
public record Reconstruction(INDArray features, INDArray explained, INDArray error)
    implements AutoCloseable {

  /** Frees the arrays. Closing again has no effect. */
  @Override
  public void close() {
    for (INDArray array : new INDArray[] {features, explained, error}) {
      if (!array.wasClosed()) {
        array.close();
      }
    }
  }
}
