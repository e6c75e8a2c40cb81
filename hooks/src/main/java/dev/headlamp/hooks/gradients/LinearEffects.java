package dev.headlamp.hooks.gradients;

import org.nd4j.linalg.api.ndarray.INDArray;

/** To first order, what replacing the values of a point changes. */
final class LinearEffects {

  private LinearEffects() {}

  /**
   * Returns (source − target) · gradient, entry by entry in C order. Where both are the same, as
   * masked scores are −inf in both, that is 0.
   *
   * @param source what would be put there, C-ordered
   * @param target what is there, C-ordered
   */
  static double[] of(INDArray source, INDArray target, double[] gradient) {
    double[] to = numbers(source);
    double[] from = numbers(target);
    double[] effects = new double[gradient.length];
    for (int i = 0; i < effects.length; i++) {
      effects[i] = to[i] == from[i] ? 0 : (to[i] - from[i]) * gradient[i];
    }
    return effects;
  }

  /** Returns the entries of a C-ordered array that is no view. */
  static double[] numbers(INDArray array) {
    return array.data().asDouble();
  }
}
