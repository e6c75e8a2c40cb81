package dev.headlamp.experiments.enumeration;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How long a scorer takes, from a short run of it.
 *
 * @param secondsPerToken the time for one unit of {@link PromptScorer#work}
 */
public record TimeEstimate(double secondsPerToken) {

  private static final double NANOS = 1e9;

  /**
   * Runs prompts of all templates, a block at a time, until {@code atLeast} has passed; and before
   * that as long for the machine to get warm.
   */
  public static TimeEstimate measure(Enumerator enumerator, Duration atLeast) {
    PromptSpace space = enumerator.tokens().space();
    List<List<ScoredPrompt>> blocks = new ArrayList<>();
    for (int template = 0; template < space.templates().size(); template++) {
      List<ScoredPrompt> chunk = enumerator.prompts(new Chunk(space, template, 0));
      blocks.add(chunk.subList(0, Math.min(Enumerator.BLOCK, chunk.size())));
    }
    double cold = secondsPerToken(enumerator, blocks, atLeast);
    return new TimeEstimate(Math.min(cold, secondsPerToken(enumerator, blocks, atLeast)));
  }

  private static double secondsPerToken(
      Enumerator enumerator, List<List<ScoredPrompt>> blocks, Duration atLeast) {
    long begin = System.nanoTime();
    long nanos = 0;
    long work = 0;
    for (int i = 0; nanos < atLeast.toNanos(); i++) {
      List<ScoredPrompt> block = blocks.get(i % blocks.size());
      enumerator.scored(block);
      work += enumerator.scorer().work(block);
      nanos = System.nanoTime() - begin;
    }
    return nanos / NANOS / work;
  }

  /** Returns how long the chunks take that a file's shard lacks. */
  public Duration ofRest(Enumerator enumerator, EnumerationFile file) {
    PromptSpace space = enumerator.tokens().space();
    long[] work = new long[space.templates().size()];
    long total = 0;
    for (Chunk chunk : file.missing()) {
      int template = chunk.template();
      if (work[template] == 0) { // All subjects take the same.
        work[template] = enumerator.scorer().work(enumerator.prompts(chunk));
      }
      total += work[template];
    }
    return Duration.ofMillis(Math.round(1000 * total * secondsPerToken));
  }
}
