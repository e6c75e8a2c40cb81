package dev.headlamp.experiments.verify;

import dev.headlamp.experiments.induction.RepetitionLoss;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.ablation.AblationTarget;
import dev.headlamp.hooks.ablation.Ablations;
import dev.headlamp.hooks.heads.RepeatedTokens;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Whether the loss on random tokens that are said again rises or falls when the z of heads is set
 * to 0.
 *
 * @param length how many tokens are said twice
 * @param sequences how many such sequences are averaged over
 */
record RepetitionAblationCheck(int length, int sequences, List<Figure> figures) implements Check {

  private static final long SEED = 1;

  /**
   * What some heads do to the loss.
   *
   * @param ablated the heads
   * @param besides heads that are ablated before and after
   * @param rise of the loss
   */
  record Figure(List<HeadName> ablated, List<HeadName> besides, Expectation rise) {

    private String title(int length) {
      return "rise of the loss on %d random tokens said again, by zero for z of %s%s"
          .formatted(
              length,
              names(ablated),
              besides.isEmpty() ? "" : " besides that of " + names(besides));
    }

    private static String names(List<HeadName> heads) {
      return heads.stream().map(HeadName::toString).collect(Collectors.joining(", "));
    }
  }

  @Override
  public String title() {
    return "ablations on %d random tokens said twice".formatted(length);
  }

  @Override
  public List<Finding> measure(HookedGpt2 model) {
    figures.stream()
        .flatMap(figure -> Stream.concat(figure.ablated.stream(), figure.besides.stream()))
        .forEach(head -> head.checkedFor(model.config()));
    RepeatedTokens tokens = RepeatedTokens.of(length, sequences, SEED);
    try (RepetitionLoss loss = RepetitionLoss.of(model, tokens, Ablations.zero())) {
      return figures.stream()
          .<Finding>map(
              figure -> new Finding.Measured(figure.title(length), figure.rise, rise(loss, figure)))
          .toList();
    }
  }

  private static double rise(RepetitionLoss loss, Figure figure) {
    List<AblationTarget> before = targets(figure.besides);
    List<AblationTarget> after =
        Stream.concat(before.stream(), targets(figure.ablated).stream()).toList();
    return loss.without(after).second() - loss.without(before).second();
  }

  private static List<AblationTarget> targets(List<HeadName> heads) {
    return heads.stream().map(head -> AblationTarget.head(head.layer(), head.head())).toList();
  }
}
