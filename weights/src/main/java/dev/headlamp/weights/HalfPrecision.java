package dev.headlamp.weights;

/** The two 16-bit floating-point formats, widened exactly. */
final class HalfPrecision {

  private static final int F16_FRACTION_BITS = 10;
  private static final int F32_FRACTION_BITS = 23;
  private static final int BIAS_DIFFERENCE = 127 - 15;

  private HalfPrecision() {}

  /** Widens an IEEE 754 binary16: 1 sign bit, 5 of exponent, 10 of fraction. */
  static float fromF16(short half) {
    int sign = (half & 0x8000) << 16;
    int exponent = (half >> F16_FRACTION_BITS) & 0x1f;
    int fraction = half & 0x3ff;
    int magnitude =
        switch (exponent) {
          // Zero or subnormal: a multiple of the smallest half, 2^-24.
          case 0 -> Float.floatToRawIntBits(fraction * 0x1p-24f);
          // Infinity or not a number.
          case 0x1f -> 0xff << F32_FRACTION_BITS | widened(fraction);
          default -> (exponent + BIAS_DIFFERENCE) << F32_FRACTION_BITS | widened(fraction);
        };
    return Float.intBitsToFloat(sign | magnitude);
  }

  /** Widens a bfloat16: the upper half of an IEEE 754 binary32. */
  static float fromBf16(short brain) {
    return Float.intBitsToFloat(brain << 16);
  }

  private static int widened(int fraction) {
    return fraction << (F32_FRACTION_BITS - F16_FRACTION_BITS);
  }
}
