package dev.headlamp.experiments.circuit;

import dev.headlamp.engine.Activation;
import dev.headlamp.experiments.ioi.IoiDataset;
import dev.headlamp.experiments.ioi.IoiPosition;
import dev.headlamp.hooks.ActivationCache;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.heads.AttentionBetween;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Names what heads seem to do by what they attend to, the mean over the prompts:
 *
 * <ul>
 *   <li>at END more to IO than to S1 and S2 together: name mover; less: S-inhibition;
 *   <li>at S2 more to S1 than to S1+1: duplicate token; less: induction;
 *   <li>at S1+1 to S1: previous token.
 * </ul>
 *
 * A head that gives all of these together less than {@value #LEAST} of its attention is called
 * other, and so is every head at IO and S1.
 */
final class RoleGuess {

  private static final double LEAST = 0.2;

  private final IoiDataset ioi;
  private final ActivationCache patterns;

  private RoleGuess(IoiDataset ioi, ActivationCache patterns) {
    this.ioi = ioi;
    this.patterns = patterns;
  }

  /** Returns nodes as classes, each class in the order of the nodes. */
  static List<HeadClass> classes(IoiTask task, List<CircuitNode> nodes) {
    HookedGpt2 model = task.model();
    CacheSpec spec = CacheSpec.of(Activation.PATTERN).stopAt(model.config().nLayers());
    Map<HeadRole, Map<IoiPosition, List<Head>>> classes = new EnumMap<>(HeadRole.class);
    try (CachedRun run = model.runWithCache(task.prompts(), spec)) {
      RoleGuess guess = new RoleGuess(task.ioi(), run.cache());
      for (CircuitNode node : nodes) {
        classes
            .computeIfAbsent(guess.roleOf(node), role -> new LinkedHashMap<>())
            .computeIfAbsent(node.position(), position -> new ArrayList<>())
            .add(node.head());
      }
    }
    return classes.entrySet().stream()
        .flatMap(
            role ->
                role.getValue().entrySet().stream()
                    .map(at -> new HeadClass(role.getKey(), at.getKey(), at.getValue())))
        .toList();
  }

  private HeadRole roleOf(CircuitNode node) {
    return switch (node.position()) {
      case END ->
          larger(
              attention(node, IoiPosition.IO),
              HeadRole.NAME_MOVER,
              attention(node, IoiPosition.S1) + attention(node, IoiPosition.S2),
              HeadRole.S_INHIBITION);
      case S2 ->
          larger(
              attention(node, IoiPosition.S1),
              HeadRole.DUPLICATE_TOKEN,
              attention(node, IoiPosition.S1_PLUS_1),
              HeadRole.INDUCTION);
      case S1_PLUS_1 ->
          larger(attention(node, IoiPosition.S1), HeadRole.PREVIOUS_TOKEN, 0, HeadRole.OTHER);
      default -> HeadRole.OTHER;
    };
  }

  private static HeadRole larger(double one, HeadRole ofOne, double other, HeadRole ofOther) {
    if (one + other < LEAST) {
      return HeadRole.OTHER;
    }
    return one >= other ? ofOne : ofOther;
  }

  private double attention(CircuitNode node, IoiPosition to) {
    LabelledArray all =
        AttentionBetween.of(patterns, ioi.positions(node.position()), ioi.positions(to));
    return all.meanOver("prompt").value(node.head().layer(), node.head().index());
  }
}
