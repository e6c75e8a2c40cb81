package dev.headlamp.hooks.directions;

import dev.headlamp.hooks.ActivationCache;
import dev.headlamp.hooks.Hook;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Hooks that edit what directions read and leave alone what is at right angles to all of them. They
 * are registered on any point whose vectors have as many entries as the directions, or on some of
 * its positions and heads.
 *
 * <p>When called, each throws {@link IllegalArgumentException} at a point that holds other vectors;
 * the message names the file, the tensor and the point.
 *
 * <p>Several directions are edited together: all their scores become what they shall be, also where
 * the directions are not at right angles to one another, by the smallest change that does it. For
 * that they must be linearly independent.
 */
public final class DirectionHooks {

  private DirectionHooks() {}

  /**
   * Returns a hook that sets scores.
   *
   * @param scores what {@code w_i · x + b_i} is to be, one for each direction
   * @throws IllegalArgumentException if there are more or fewer scores than directions, one is not
   *     finite, or the directions are not linearly independent
   */
  public static Hook set(Directions directions, double... scores) {
    double[] wanted = checked(directions, scores);
    DualBasis basis = DualBasis.of(directions);
    return (value, context) -> {
      Rows rows = Rows.at(context, value, directions.width(), directions.name());
      return edited(
          rows, basis, wanted.length, (i, row) -> wanted[i] - directions.score(i, rows, row));
    };
  }

  /**
   * Returns a hook that projects the directions out: after it {@code w_i · x} is 0, and a score is
   * the direction's bias.
   *
   * @throws IllegalArgumentException if the directions are not linearly independent
   */
  public static Hook ablate(Directions directions) {
    DualBasis basis = DualBasis.of(directions);
    return (value, context) -> {
      Rows rows = Rows.at(context, value, directions.width(), directions.name());
      return edited(
          rows, basis, directions.count(), (i, row) -> -directions.projection(i, rows, row));
    };
  }

  /**
   * Returns a hook that sets each score to what it was at the same place of another run: activation
   * patching of a subspace (interchange intervention; Geiger et al. 2023, arXiv 2303.02536).
   *
   * <p>When called it also throws {@link IllegalArgumentException} if the cache does not hold the
   * point, or holds other numbers of prompts or positions.
   *
   * @param other a cache of whole positions, borrowed; its run had as many prompts and positions
   * @throws IllegalArgumentException if the directions are not linearly independent
   */
  public static Hook swapFrom(Directions directions, ActivationCache other) {
    DualBasis basis = DualBasis.of(directions);
    return (value, context) -> {
      Rows rows = Rows.at(context, value, directions.width(), directions.name());
      Rows source = CachedVectors.at(context, other);
      return edited(
          rows,
          basis,
          directions.count(),
          (i, row) -> directions.projection(i, source, row) - directions.projection(i, rows, row));
    };
  }

  /**
   * Returns a hook that adds {@code Σ amount_i · w_i} at every position: steering. {@link
   * Directions#normalised} makes the amounts distances.
   *
   * @param amounts one for each direction
   * @throws IllegalArgumentException if there are more or fewer amounts than directions, or one is
   *     not finite
   */
  public static Hook steer(Directions directions, double... amounts) {
    double[] factors = checked(directions, amounts);
    return (value, context) -> {
      Rows rows = Rows.at(context, value, directions.width(), directions.name());
      for (int row = 0; row < rows.count(); row++) {
        for (int i = 0; i < factors.length; i++) {
          rows.add(row, factors[i], directions.vector(i));
        }
      }
      return rows.toArray();
    };
  }

  /** How much the score of a direction is to grow in a row. */
  private interface Change {
    double of(int direction, int row);
  }

  private static INDArray edited(Rows rows, DualBasis basis, int directions, Change change) {
    for (int row = 0; row < rows.count(); row++) {
      // All scores are read before the first is changed.
      double[] changes = new double[directions];
      for (int i = 0; i < directions; i++) {
        changes[i] = change.of(i, row);
      }
      for (int i = 0; i < directions; i++) {
        basis.change(rows, row, i, changes[i]);
      }
    }
    return rows.toArray();
  }

  private static double[] checked(Directions directions, double[] numbers) {
    if (numbers.length != directions.count()) {
      throw new IllegalArgumentException(
          "%s: %d numbers are given for %d directions"
              .formatted(directions.name(), numbers.length, directions.count()));
    }
    for (double number : numbers) {
      if (!Double.isFinite(number)) {
        throw new IllegalArgumentException(
            "%s: %s is not finite: %s"
                .formatted(directions.name(), number, Arrays.toString(numbers)));
      }
    }
    return numbers.clone();
  }
}
