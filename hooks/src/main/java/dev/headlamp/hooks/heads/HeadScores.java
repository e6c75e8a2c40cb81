package dev.headlamp.hooks.heads;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.Arrays;
import java.util.List;

/**
 * How much each head attends, on random tokens T that are said twice, to where a kind of head
 * would: from each position to the one before (previous token), and in the second half from T_i to
 * the first T_i (duplicate token) or to the token behind that (induction). Mean over positions and
 * sequences, between 0 and 1. Olsson et al. 2022, "In-context Learning and Induction Heads"; Wang
 * et al. 2022, "Interpretability in the Wild", appendix on validation of heads.
 *
 * @param tokens what was said twice
 * @param scores {@code [type, layer, head]}
 */
public record HeadScores(RepeatedTokens tokens, LabelledArray scores) {

  /**
   * Returns the scores on {@link RepeatedTokens#defaults}.
   *
   * @throws IllegalArgumentException if the model's context is too short
   */
  public static HeadScores of(HookedGpt2 model) {
    return of(model, RepeatedTokens.defaults(model.config()));
  }

  /**
   * Returns the scores on the given tokens.
   *
   * @throws IllegalArgumentException if they do not fit the model's context
   */
  public static HeadScores of(HookedGpt2 model, RepeatedTokens tokens) {
    Gpt2Config config = model.config();
    HeadType[] types = HeadType.values();
    double[] scores = new double[types.length * config.nLayers() * config.nHeads()];
    CacheSpec patterns = CacheSpec.of(Activation.PATTERN).stopAt(config.nLayers());
    for (TokenBatch sequence : tokens.draw(config)) {
      try (CachedRun run = model.runWithCache(sequence, patterns)) {
        for (int layer = 0; layer < config.nLayers(); layer++) {
          Patterns ofLayer = Patterns.of(run.cache(), layer);
          for (int type = 0; type < types.length; type++) {
            int from = (type * config.nLayers() + layer) * config.nHeads();
            addMeans(ofLayer, types[type], tokens, scores, from);
          }
        }
      }
    }
    List<Axis> axes =
        List.of(
            new Axis("type", Arrays.stream(types).map(HeadType::toString).toList()),
            Axis.numbered("layer", config.nLayers()),
            Axis.numbered("head", config.nHeads()));
    return new HeadScores(
        tokens, LabelledArray.of("mean attention on " + tokens, "attention", axes, scores));
  }

  /** Adds the share of one sequence to the scores of a layer's heads, which begin at some index. */
  private static void addMeans(
      Patterns patterns, HeadType type, RepeatedTokens tokens, double[] scores, int from) {
    int distance = type.distance(tokens.length());
    int firstPos = tokens.start() + type.firstPos(tokens.length());
    for (int head = 0; head < patterns.heads(); head++) {
      scores[from + head] += patterns.meanAtDistance(head, distance, firstPos) / tokens.sequences();
    }
  }

  /** Returns the scores as one kind of head: {@code [layer, head]}. */
  public LabelledArray of(HeadType type) {
    return scores.slice("type", type.toString()).named(type + " score on " + tokens);
  }

  /**
   * Returns the rank of a head among all as one kind of head; 1 is the highest score.
   *
   * @throws IllegalArgumentException if there is no such layer or head
   */
  public int rank(HeadType type, int layer, int head) {
    LabelledArray ofType = of(type);
    double own = ofType.value(layer, head);
    return Math.toIntExact(ofType.stream().filter(score -> score > own).count()) + 1;
  }
}
