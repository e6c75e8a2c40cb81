package dev.headlamp.engine.gradients;

/**
 * The backward pass of a layer norm: {@code y = (x − mean(x)) / scale · gain + bias}, {@code scale
 * = sqrt(mean((x − mean(x))²) + eps)}, row by row.
 */
final class LayerNormBackward {

  private final double[] input;
  private final double[] scale;

  private LayerNormBackward(double[] input, double[] scale) {
    this.input = input;
    this.scale = scale;
  }

  /** Returns the gradient at x, with what passes through mean and scale: {@code [rows, width]}. */
  double[] input() {
    return input;
  }

  /** Returns the gradient at the scale, as if it were a value of its own: {@code [rows]}. */
  double[] scale() {
    return scale;
  }

  /**
   * Returns the gradients.
   *
   * @param gradient at y, {@code [rows, width]}
   * @param x {@code [rows, width]}
   * @param scale what the forward pass divided by, {@code [rows]}
   * @param gain {@code [width]}
   */
  static LayerNormBackward of(double[] gradient, double[] x, double[] scale, double[] gain) {
    int width = gain.length;
    double[] input = new double[x.length];
    double[] scaleGradient = new double[scale.length];
    for (int row = 0; row < scale.length; row++) {
      int from = row * width;
      double mean = mean(x, from, width);
      double sum = 0;
      double dot = 0;
      for (int i = 0; i < width; i++) {
        double g = gradient[from + i] * gain[i];
        sum += g;
        dot += g * (x[from + i] - mean) / scale[row];
      }
      scaleGradient[row] = -dot / scale[row];
      for (int i = 0; i < width; i++) {
        double g = gradient[from + i] * gain[i];
        double normalized = (x[from + i] - mean) / scale[row];
        input[from + i] = (g - (sum + normalized * dot) / width) / scale[row];
      }
    }
    return new LayerNormBackward(input, scaleGradient);
  }

  /** Returns sqrt(mean((x − mean(x))²) + eps) of each row of x: {@code [rows]}. */
  static double[] scale(double[] x, int width, double epsilon) {
    double[] scale = new double[x.length / width];
    for (int row = 0; row < scale.length; row++) {
      double mean = mean(x, row * width, width);
      double squares = 0;
      for (int i = row * width; i < (row + 1) * width; i++) {
        squares += (x[i] - mean) * (x[i] - mean);
      }
      scale[row] = Math.sqrt(squares / width + epsilon);
    }
    return scale;
  }

  private static double mean(double[] x, int from, int width) {
    double sum = 0;
    for (int i = from; i < from + width; i++) {
      sum += x[i];
    }
    return sum / width;
  }
}
