package dev.headlamp.experiments.verify;

import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.heads.HeadScores;
import dev.headlamp.hooks.heads.HeadType;
import dev.headlamp.hooks.heads.RepeatedTokens;
import java.util.List;

/**
 * Which heads look where on random tokens that are said twice: their ranks among all heads.
 *
 * @param length how many tokens are said twice
 * @param sequences how many such sequences are averaged over
 */
record HeadScoreCheck(int length, int sequences, List<Figure> figures) implements Check {

  private static final long SEED = 1;

  /**
   * The published rank of a head.
   *
   * @param rank counted from 1
   */
  record Figure(HeadType type, HeadName head, Expectation rank) {}

  @Override
  public String title() {
    return "heads on %d random tokens said twice".formatted(length);
  }

  @Override
  public List<Finding> measure(HookedGpt2 model) {
    figures.forEach(figure -> figure.head().checkedFor(model.config()));
    HeadScores scores = HeadScores.of(model, RepeatedTokens.of(length, sequences, SEED));
    return figures.stream()
        .<Finding>map(
            figure ->
                new Finding.Measured(
                    "rank of %s as a %s head, on %d random tokens said twice"
                        .formatted(figure.head(), figure.type(), length),
                    figure.rank(),
                    scores.rank(figure.type(), figure.head().layer(), figure.head().head())))
        .toList();
  }
}
