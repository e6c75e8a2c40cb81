package dev.headlamp.experiments.induction;

import dev.headlamp.hooks.ablation.AblationTarget;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Heads by their score as one kind of head. */
public final class InductionHeads {

  private InductionHeads() {}

  /**
   * Returns the heads whose score is at least the threshold, the highest first.
   *
   * @param scores {@code [layer, head]}
   */
  public static List<AblationTarget> atLeast(LabelledArray scores, double threshold) {
    return ranked(scores).stream()
        .takeWhile(head -> score(scores, head) >= threshold)
        .map(head -> AblationTarget.head(head[0], head[1]))
        .toList();
  }

  /**
   * Returns the heads of the highest scores, the highest first.
   *
   * @param scores {@code [layer, head]}
   */
  public static List<AblationTarget> highest(LabelledArray scores, int count) {
    return ranked(scores).stream()
        .limit(count)
        .map(head -> AblationTarget.head(head[0], head[1]))
        .toList();
  }

  private static List<int[]> ranked(LabelledArray scores) {
    int heads = scores.shape()[1];
    return IntStream.range(0, scores.size())
        .mapToObj(i -> new int[] {i / heads, i % heads})
        .sorted(Comparator.comparingDouble((int[] head) -> -score(scores, head)))
        .toList();
  }

  private static double score(LabelledArray scores, int[] head) {
    return scores.value(head[0], head[1]);
  }
}
