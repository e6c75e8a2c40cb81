package dev.headlamp.experiments.verify;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.HookedGpt2;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Which heads look where on random tokens that are said twice: the mean over the diagonal of their
 * attention pattern that a behaviour is defined by, ranked among all heads.
 *
 * @param length how many tokens are said twice
 * @param sequences how many such sequences are averaged over
 */
record HeadScoreCheck(int length, int sequences, List<Figure> figures) implements Check {

  private static final long SEED = 1;

  /** A behaviour, by how far back of a position it looks. */
  enum Behaviour {
    /** At the token before. */
    PREVIOUS_TOKEN,
    /** At the token after the same one's first place. */
    INDUCTION,
    /** At the same one's first place. */
    DUPLICATE_TOKEN;

    /** Returns the first position that has something so far back to look at. */
    int firstPos(int length) {
      return this == PREVIOUS_TOKEN ? 1 : length;
    }

    int distance(int length) {
      return switch (this) {
        case PREVIOUS_TOKEN -> 1;
        case INDUCTION -> length - 1;
        case DUPLICATE_TOKEN -> length;
      };
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  /**
   * The published rank of a head.
   *
   * @param rank counted from 1
   */
  record Figure(Behaviour behaviour, HeadName head, Expectation rank) {}

  @Override
  public String title() {
    return "heads on %d random tokens said twice".formatted(length);
  }

  @Override
  public List<Finding> measure(HookedGpt2 model) {
    figures.forEach(figure -> figure.head().checkedFor(model.config()));
    Map<Behaviour, double[][]> scores = scores(model);
    return figures.stream()
        .<Finding>map(
            figure ->
                new Finding.Measured(
                    "rank of %s as a %s head, on %d random tokens said twice"
                        .formatted(figure.head(), figure.behaviour(), length),
                    figure.rank(),
                    rank(scores.get(figure.behaviour()), figure.head())))
        .toList();
  }

  private static int rank(double[][] scores, HeadName head) {
    double own = scores[head.layer()][head.head()];
    long better =
        Arrays.stream(scores).flatMapToDouble(Arrays::stream).filter(s -> s > own).count();
    return Math.toIntExact(better) + 1;
  }

  /** Returns the mean attention of each behaviour, by layer and head. */
  Map<Behaviour, double[][]> scores(HookedGpt2 model) {
    Gpt2Config config = model.config();
    Map<Behaviour, double[][]> scores = new EnumMap<>(Behaviour.class);
    for (Behaviour behaviour : Behaviour.values()) {
      scores.put(behaviour, new double[config.nLayers()][config.nHeads()]);
    }
    SplittableRandom random = new SplittableRandom(SEED);
    for (int i = 0; i < sequences; i++) {
      TokenBatch tokens = saidTwice(random.ints(length, 0, config.dVocab()).toArray());
      try (CachedRun run = model.runWithCache(tokens, CacheSpec.of(Activation.PATTERN))) {
        for (int layer = 0; layer < config.nLayers(); layer++) {
          INDArray patterns = run.cache().get(HookPoint.of(Activation.PATTERN, layer)).slice(0);
          for (Behaviour behaviour : Behaviour.values()) {
            addDiagonals(patterns, behaviour, scores.get(behaviour)[layer]);
          }
        }
      }
    }
    return scores;
  }

  private static TokenBatch saidTwice(int[] once) {
    return TokenBatch.of(IntStream.concat(IntStream.of(once), IntStream.of(once)).toArray());
  }

  /** Adds, for each head of {@code [head, dest, src]}, its mean attention to a place behind. */
  private void addDiagonals(INDArray patterns, Behaviour behaviour, double[] toHeads) {
    int distance = behaviour.distance(length);
    for (int head = 0; head < toHeads.length; head++) {
      int h = head;
      toHeads[head] +=
          IntStream.range(behaviour.firstPos(length), 2 * length)
                  .mapToDouble(pos -> patterns.getDouble(h, pos, pos - distance))
                  .average()
                  .orElseThrow()
              / sequences;
    }
  }
}
