package dev.headlamp.hooks.heads;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.ActivationCache;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * A search for heads whose attention is like a given pattern, as TransformerLens' {@code
 * head_detector}. Results are {@code [layer, head]}, the mean over the prompts; absent for a head
 * all of whose attention is excluded.
 *
 * @param measure how alike two patterns are
 * @param excludeBos whether attention to each prompt's first token is left out
 * @param excludeCurrentToken whether attention of tokens to themselves is left out
 */
public record HeadDetection(
    DetectionMeasure measure, boolean excludeBos, boolean excludeCurrentToken) {

  /** Checks that there is a measure. */
  public HeadDetection {
    Objects.requireNonNull(measure, "measure");
  }

  /** Returns a search by {@link DetectionMeasure#MUL} that leaves nothing out. */
  public static HeadDetection defaults() {
    return new HeadDetection(DetectionMeasure.MUL, false, false);
  }

  /** Returns this by another measure. */
  public HeadDetection withMeasure(DetectionMeasure newMeasure) {
    return new HeadDetection(newMeasure, excludeBos, excludeCurrentToken);
  }

  /** Returns this without attention to each prompt's first token, whatever token that is. */
  public HeadDetection excludingBos() {
    return new HeadDetection(measure, true, excludeCurrentToken);
  }

  /** Returns this without attention of tokens to themselves. */
  public HeadDetection excludingCurrentToken() {
    return new HeadDetection(measure, excludeBos, true);
  }

  /**
   * Returns the scores of a known kind of head on some prompts, which are run.
   *
   * @throws IllegalArgumentException if the prompts do not fit the model
   */
  public LabelledArray scores(HookedGpt2 model, TokenBatch prompts, HeadType type) {
    CacheSpec patterns = CacheSpec.of(Activation.PATTERN).stopAt(model.config().nLayers());
    try (CachedRun run = model.runWithCache(prompts, patterns)) {
      return scores(run.cache(), type);
    }
  }

  /**
   * Returns the scores of a known kind of head in a run.
   *
   * @param cache every layer's patterns at all positions
   * @throws IllegalArgumentException if the cache holds less
   */
  public LabelledArray scores(ActivationCache cache, HeadType type) {
    TokenBatch tokens = cache.tokens();
    return scores(
        cache,
        type + " score",
        IntStream.range(0, tokens.batch())
            .mapToObj(prompt -> DetectionPattern.of(type, tokens.prompt(prompt)))
            .toList());
  }

  /**
   * Returns the scores of heads that look as {@code pattern} does, in a run.
   *
   * @param cache every layer's patterns at all positions
   * @param pattern what is looked for in every prompt
   * @throws IllegalArgumentException if the cache holds less, or a prompt has another number of
   *     tokens than the pattern
   */
  public LabelledArray scores(ActivationCache cache, DetectionPattern pattern) {
    TokenBatch tokens = cache.tokens();
    for (int prompt = 0; prompt < tokens.batch(); prompt++) {
      if (tokens.promptLength(prompt) != pattern.size()) {
        throw new IllegalArgumentException(
            "the detection pattern has %d positions, and prompt %d has %d tokens"
                .formatted(pattern.size(), prompt, tokens.promptLength(prompt)));
      }
    }
    return scores(cache, "detection score", Collections.nCopies(tokens.batch(), pattern));
  }

  private LabelledArray scores(
      ActivationCache cache, String name, List<DetectionPattern> byPrompt) {
    Patterns.requireEveryRow(cache);
    Gpt2Config config = cache.config();
    double[] scores = new double[config.nLayers() * config.nHeads()];
    for (int layer = 0; layer < config.nLayers(); layer++) {
      Patterns patterns = Patterns.of(cache, layer);
      for (int head = 0; head < config.nHeads(); head++) {
        int h = head;
        scores[layer * config.nHeads() + head] =
            IntStream.range(0, byPrompt.size())
                .mapToDouble(
                    prompt -> score(patterns, h, prompt, cache.tokens(), byPrompt.get(prompt)))
                .average()
                .orElseThrow();
      }
    }
    List<Axis> axes =
        List.of(Axis.numbered("layer", config.nLayers()), Axis.numbered("head", config.nHeads()));
    return LabelledArray.of(name, "", axes, scores);
  }

  private double score(
      Patterns patterns, int head, int prompt, TokenBatch tokens, DetectionPattern expected) {
    int first = tokens.firstPos(prompt);
    double common = 0;
    double attention = 0;
    double apart = 0;
    for (int dest = 0; dest < expected.size(); dest++) {
      for (int source = excludeBos ? 1 : 0; source <= dest; source++) {
        if (!(excludeCurrentToken && source == dest)) {
          double value = patterns.value(prompt, head, first + dest, first + source);
          common += value * expected.value(dest, source);
          attention += value;
          apart += Math.abs(value - expected.value(dest, source));
        }
      }
    }
    return switch (measure) {
      case MUL -> attention == 0 ? LabelledArray.ABSENT : common / attention;
      case ABS -> 1 - apart / expected.size();
    };
  }
}
