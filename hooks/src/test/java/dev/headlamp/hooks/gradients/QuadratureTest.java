package dev.headlamp.hooks.gradients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules of integration on integrals that are known. */
class QuadratureTest {

  private static double integral(Quadrature rule, DoubleUnaryOperator f) {
    return rule.nodes().stream()
        .mapToDouble(node -> node.weight() * f.applyAsDouble(node.at()))
        .sum();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 32, 500})
  void gaussLegendreIsExactForPolynomialsOfTwiceItsSteps(int steps) {
    Quadrature rule = Quadrature.gaussLegendre(steps);
    assertThat(rule.steps()).isEqualTo(steps);
    int degree = 2 * steps - 1;
    assertThat(integral(rule, x -> 1)).isEqualTo(1, within(1e-12));
    assertThat(integral(rule, x -> Math.pow(x, degree)))
        .isEqualTo(1.0 / (degree + 1), within(1e-12));
  }

  @Test
  void theMidpointRuleConvergesQuadratically() {
    assertThat(integral(Quadrature.midpoint(3), x -> 2 * x)).isEqualTo(1, within(1e-12));
    double tenSteps = integral(Quadrature.midpoint(10), Math::exp) - (Math.E - 1);
    double twentySteps = integral(Quadrature.midpoint(20), Math::exp) - (Math.E - 1);
    assertThat(tenSteps / twentySteps).isEqualTo(4, within(0.01));
  }

  @Test
  void rulesWithoutStepsAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Quadrature.midpoint(0))
        .withMessage("an integral needs at least 1 step");
    assertThatIllegalArgumentException().isThrownBy(() -> Quadrature.midpoint(-1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Quadrature.gaussLegendre(0))
        .withMessage("Gauss–Legendre steps (0) must be 1 to 500");
    assertThatIllegalArgumentException().isThrownBy(() -> Quadrature.gaussLegendre(501));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Quadrature("end", List.of(new Quadrature.Node(1, 1))))
        .withMessage("a step at 1.0 is not between 0 and 1");
  }
}
