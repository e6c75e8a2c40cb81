package dev.headlamp.engine.linalg;

/**
 * A complex number.
 *
 * @param re real part
 * @param im imaginary part
 */
public record Complex(double re, double im) {

  /** Returns the distance from 0. */
  public double modulus() {
    return Math.hypot(re, im);
  }
}
