package dev.headlamp.hooks.gradients;

import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.math3.analysis.integration.gauss.GaussIntegrator;
import org.apache.commons.math3.analysis.integration.gauss.GaussIntegratorFactory;

/**
 * A rule for integrals from 0 to 1: where to look at the integrand, and how much each look counts.
 *
 * @param name what reports call it
 * @param nodes at least one
 */
public record Quadrature(String name, List<Node> nodes) {

  private static final int MOST_GAUSS_LEGENDRE_STEPS = 500;

  /**
   * One look at the integrand.
   *
   * @param at where, above 0 and below 1
   * @param weight how much it counts; all weights add up to 1
   */
  public record Node(double at, double weight) {

    /**
     * Checks the place.
     *
     * @throws IllegalArgumentException if it is not between 0 and 1
     */
    public Node {
      if (!(at > 0 && at < 1)) {
        throw new IllegalArgumentException("a step at " + at + " is not between 0 and 1");
      }
    }
  }

  /**
   * Copies the nodes.
   *
   * @throws IllegalArgumentException if there is none
   */
  public Quadrature {
    nodes = List.copyOf(nodes);
    if (nodes.isEmpty()) {
      throw new IllegalArgumentException("an integral needs at least 1 step");
    }
  }

  /**
   * Returns the midpoint rule: steps of equal length, looked at in their middle.
   *
   * @throws IllegalArgumentException if there is not at least one step
   */
  public static Quadrature midpoint(int steps) {
    return new Quadrature(
        "midpoint",
        IntStream.range(0, steps).mapToObj(i -> new Node((i + 0.5) / steps, 1.0 / steps)).toList());
  }

  /**
   * Returns the Gauss–Legendre rule, exact for polynomials of degree {@code 2·steps − 1}: of a
   * smooth integrand the most for the fewest looks.
   *
   * @throws IllegalArgumentException if the steps are fewer than 1 or more than 500
   */
  public static Quadrature gaussLegendre(int steps) {
    if (steps < 1 || steps > MOST_GAUSS_LEGENDRE_STEPS) {
      throw new IllegalArgumentException(
          "Gauss–Legendre steps (%d) must be 1 to %d".formatted(steps, MOST_GAUSS_LEGENDRE_STEPS));
    }
    GaussIntegrator rule = new GaussIntegratorFactory().legendre(steps, 0, 1);
    return new Quadrature(
        "Gauss–Legendre",
        IntStream.range(0, steps)
            .mapToObj(i -> new Node(rule.getPoint(i), rule.getWeight(i)))
            .toList());
  }

  /** Returns how many times the integrand is looked at. */
  public int steps() {
    return nodes.size();
  }
}
