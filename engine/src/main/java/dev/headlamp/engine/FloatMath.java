package dev.headlamp.engine;

/**
 * Functions of float arrays, written as plain loops that the JIT compiler turns into vector code.
 *
 * <p>Both transcendental functions here come from Lambert's continued fraction of tanh, cut off
 * after a few terms: tanh(y) = P(y)/Q(y). Then exp(2y) = (Q + P)/(Q − P), and 1 + tanh(2y) = (P +
 * Q)²/(P² + Q²), which needs no difference of nearly equal numbers.
 */
final class FloatMath {

  private static final float SQRT_2_OVER_PI = (float) Math.sqrt(2 / Math.PI);
  private static final float GELU_CUBIC = 0.044715f;

  /** Beyond this tanh is 1 in float32. */
  private static final float TANH_LIMIT = 10;

  /** Here and below exp is 0 in float32. */
  private static final float EXP_LIMIT = -110;

  /** 3·5·7·…·17, as near as a float comes; it stands in numerator and denominator alike. */
  private static final float LAMBERT = 34459424f;

  private FloatMath() {}

  /** Writes GPT-2's tanh-approximated GELU of x into y. */
  static void geluTanh(float[] x, float[] y, int length) {
    for (int i = 0; i < length; i++) {
      float v = x[i];
      float u = SQRT_2_OVER_PI * (v + (GELU_CUBIC * v * v * v));
      float z = 0.5f * Math.min(TANH_LIMIT, Math.max(-TANH_LIMIT, u));
      float s = z * z;
      float p = z * (LAMBERT + (s * (4729725f + (s * (135135f + (s * (990f + s)))))));
      float q = LAMBERT + (s * (16216200f + (s * (945945f + (s * (13860f + (s * 45f)))))));
      y[i] = 0.5f * v * ((p + q) * (p + q)) / ((p * p) + (q * q));
    }
  }

  /** Writes max(x, 0) into y. */
  static void relu(float[] x, float[] y, int length) {
    for (int i = 0; i < length; i++) {
      y[i] = Math.max(x[i], 0);
    }
  }

  /** Replaces the first {@code length} of x, none above 0, by e to their power. */
  static void exp(float[] x, int length) {
    for (int i = 0; i < length; i++) {
      x[i] = exp(x[i]);
    }
  }

  /** Returns e to the power of x, for x up to 0. */
  private static float exp(float x) {
    // exp(x) = exp(x/32)^32, and exp(2z) by the fraction: |z| stays below 1.8.
    float z = Math.max(x, EXP_LIMIT) * (1f / 64);
    float s = z * z;
    float p = z * (10395f + (s * (1260f + (s * 21f))));
    float q = 10395f + (s * (4725f + (s * (210f + s))));
    float e = (q + p) / (q - p);
    e = e * e;
    e = e * e;
    e = e * e;
    e = e * e;
    return e * e;
  }

  /** Multiplies the first {@code length} of x by a factor. */
  static void scale(float[] x, float factor, int length) {
    for (int i = 0; i < length; i++) {
      x[i] *= factor;
    }
  }

  /** Writes x·y, element by element, into z. */
  static void multiply(float[] x, float[] y, float[] z, int length) {
    for (int i = 0; i < length; i++) {
      z[i] = x[i] * y[i];
    }
  }

  /** Adds x to y. */
  static void add(float[] x, float[] y, int length) {
    for (int i = 0; i < length; i++) {
      y[i] += x[i];
    }
  }

  /** Subtracts x from y. */
  static void subtract(float[] x, float[] y, int length) {
    for (int i = 0; i < length; i++) {
      y[i] -= x[i];
    }
  }

  /** Adds x·y, element by element, to z. */
  static void addProduct(float[] x, float[] y, float[] z, int length) {
    for (int i = 0; i < length; i++) {
      z[i] += x[i] * y[i];
    }
  }

  /** Returns the largest of x from index {@code from} to {@code to - 1}. */
  static float max(float[] x, int from, int to) {
    float max = Float.NEGATIVE_INFINITY;
    for (int i = from; i < to; i++) {
      max = Math.max(max, x[i]);
    }
    return max;
  }

  /** Subtracts the largest of x from index {@code from} to {@code to - 1} from all of these. */
  static void subtractMax(float[] x, int from, int to) {
    float max = max(x, from, to);
    for (int i = from; i < to; i++) {
      x[i] -= max;
    }
  }

  /** Divides x from index {@code from} to {@code to - 1} by the sum of these. */
  static void divideBySum(float[] x, int from, int to) {
    float share = 1 / sum(x, from, to);
    for (int i = from; i < to; i++) {
      x[i] *= share;
    }
  }

  /**
   * Returns the sum of x from index {@code from} to {@code to - 1}; eight partial sums run abreast.
   */
  static float sum(float[] x, int from, int to) {
    float a = 0;
    float b = 0;
    float c = 0;
    float d = 0;
    float e = 0;
    float f = 0;
    float g = 0;
    float h = 0;
    int i = from;
    for (; i + 8 <= to; i += 8) {
      a += x[i];
      b += x[i + 1];
      c += x[i + 2];
      d += x[i + 3];
      e += x[i + 4];
      f += x[i + 5];
      g += x[i + 6];
      h += x[i + 7];
    }
    float rest = 0;
    for (; i < to; i++) {
      rest += x[i];
    }
    return ((a + b) + (c + d)) + ((e + f) + (g + h)) + rest;
  }

  /** Returns the sum of x[xAt + i]·y[yAt + i]; eight partial sums run abreast. */
  static float dot(float[] x, int xAt, float[] y, int yAt, int length) {
    float a = 0;
    float b = 0;
    float c = 0;
    float d = 0;
    float e = 0;
    float f = 0;
    float g = 0;
    float h = 0;
    int i = 0;
    for (; i + 8 <= length; i += 8) {
      a += x[xAt + i] * y[yAt + i];
      b += x[xAt + i + 1] * y[yAt + i + 1];
      c += x[xAt + i + 2] * y[yAt + i + 2];
      d += x[xAt + i + 3] * y[yAt + i + 3];
      e += x[xAt + i + 4] * y[yAt + i + 4];
      f += x[xAt + i + 5] * y[yAt + i + 5];
      g += x[xAt + i + 6] * y[yAt + i + 6];
      h += x[xAt + i + 7] * y[yAt + i + 7];
    }
    float rest = 0;
    for (; i < length; i++) {
      rest += x[xAt + i] * y[yAt + i];
    }
    return ((a + b) + (c + d)) + ((e + f) + (g + h)) + rest;
  }

  /** Returns the sum of (x - mean)² over the first {@code length} entries. */
  static float sumOfSquares(float[] x, float mean, int length) {
    float a = 0;
    float b = 0;
    float c = 0;
    float d = 0;
    int i = 0;
    for (; i + 4 <= length; i += 4) {
      float x0 = x[i] - mean;
      float x1 = x[i + 1] - mean;
      float x2 = x[i + 2] - mean;
      float x3 = x[i + 3] - mean;
      a += x0 * x0;
      b += x1 * x1;
      c += x2 * x2;
      d += x3 * x3;
    }
    for (; i < length; i++) {
      float x0 = x[i] - mean;
      a += x0 * x0;
    }
    return (a + b) + (c + d);
  }
}
