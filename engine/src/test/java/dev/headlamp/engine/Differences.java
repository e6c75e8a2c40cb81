package dev.headlamp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The largest differences between what was expected and what came, printed so that the documents
 * can quote them. A difference is absolute, and relative to the largest expected value where that
 * exceeds 10; -inf must meet -inf.
 */
public final class Differences {

  private record Difference(String what, double size) {}

  private static final double LARGE = 10;

  private final String subject;
  private final List<Difference> all = new ArrayList<>();

  public Differences(String subject) {
    this.subject = subject;
  }

  public void add(String what, INDArray expected, INDArray actual) {
    assertThat(actual.shape()).as(subject + " " + what).isEqualTo(expected.shape());
    add(what, expected.dup('c').data().asDouble(), actual.dup('c').data().asDouble());
  }

  void add(String what, double[] expected, double[] actual) {
    assertThat(actual).as(subject + " " + what).hasSameSizeAs(expected);
    all.add(new Difference(what, largest(expected, actual)));
  }

  static double largest(double[] expected, double[] actual) {
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < expected.length; i++) {
      if (expected[i] == actual[i]) {
        continue;
      }
      largest = Math.max(largest, Math.abs(expected[i]));
      // A NaN or a lonely infinity counts as infinitely far.
      double apart = Math.abs(expected[i] - actual[i]);
      difference = Math.max(difference, Double.isNaN(apart) ? Double.POSITIVE_INFINITY : apart);
    }
    return largest > LARGE ? difference / largest : difference;
  }

  public void assertAtMost(double tolerance) {
    Difference worst =
        all.stream()
            .max((a, b) -> Double.compare(a.size(), b.size()))
            .orElseThrow(() -> new AssertionError("nothing was compared"));
    System.out.printf(
        "%s: %d arrays compared, largest difference %.2e (%s)%n",
        subject, all.size(), worst.size(), worst.what());
    assertThat(worst.size()).as(subject + ": " + worst.what()).isLessThanOrEqualTo(tolerance);
  }
}
