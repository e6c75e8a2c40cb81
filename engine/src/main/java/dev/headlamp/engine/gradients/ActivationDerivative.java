package dev.headlamp.engine.gradients;

import dev.headlamp.engine.ActivationFunction;
import org.apache.commons.math3.special.Erf;

/** The derivatives of the functions between an MLP's two matrices. */
final class ActivationDerivative {

  private static final double SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);
  private static final double GELU_CUBIC = 0.044715;

  private ActivationDerivative() {}

  /** Returns f'(x); for ReLU, which has none at 0, that is 0, as in PyTorch. */
  static double at(ActivationFunction f, double x) {
    return switch (f) {
      case GELU_TANH -> {
        // f(x) = x·sigmoid(2u), u = sqrt(2/π)·(x + 0.044715·x³)
        double u = SQRT_2_OVER_PI * (x + GELU_CUBIC * x * x * x);
        double slope = SQRT_2_OVER_PI * (1 + 3 * GELU_CUBIC * x * x);
        double s = sigmoid(2 * u);
        yield s + x * s * (1 - s) * 2 * slope;
      }
      case GELU -> {
        // f(x) = x·Φ(x), Φ the normal distribution
        double density = Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
        yield 0.5 * (1 + Erf.erf(x / Math.sqrt(2))) + x * density;
      }
      case RELU -> x > 0 ? 1 : 0;
      case SILU -> {
        double s = sigmoid(x);
        yield s + x * s * (1 - s);
      }
    };
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }
}
