package dev.headlamp.experiments.enumeration;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * How long a scorer takes, from a short run of it: so long for each block of prompts that it is
 * given, whatever is in it, and so long for each token that it runs the model on. In a small model
 * the first outweighs the second.
 *
 * @param secondsPerBlock the time for a block with nothing in it
 * @param secondsPerToken the time for one unit of {@link PromptScorer#work}
 */
public record TimeEstimate(double secondsPerBlock, double secondsPerToken) {

  private static final double NANOS = 1e9;

  /** The time that one block took. */
  record Timed(long work, double seconds) {}

  /**
   * Runs blocks of the templates in turn until {@code atLeast} has passed, twice: what the first
   * time shows is how long the machine takes to get warm. The smallest block comes first, and the
   * second time never alone, or a long block and a short one could not be told apart.
   */
  public static TimeEstimate measure(Enumerator enumerator, Duration atLeast) {
    PromptSpace space = enumerator.tokens().space();
    List<List<ScoredPrompt>> blocks = new ArrayList<>();
    for (int template = 0; template < space.templates().size(); template++) {
      List<ScoredPrompt> chunk = enumerator.prompts(new Chunk(space, template, 0));
      blocks.add(chunk.subList(0, Math.min(enumerator.scorer().block(), chunk.size())));
    }
    blocks.sort(Comparator.comparingLong(enumerator.scorer()::work));
    run(enumerator, blocks, atLeast, 1);
    long sizes = blocks.stream().map(enumerator.scorer()::work).distinct().count();
    return fitted(run(enumerator, blocks, atLeast, (int) Math.min(2, sizes)));
  }

  private static List<Timed> run(
      Enumerator enumerator, List<List<ScoredPrompt>> blocks, Duration atLeast, int sizes) {
    List<Timed> timed = new ArrayList<>();
    Set<Long> seen = new HashSet<>();
    long begin = System.nanoTime();
    for (int i = 0; seen.size() < sizes || System.nanoTime() - begin < atLeast.toNanos(); i++) {
      List<ScoredPrompt> block = blocks.get(i % blocks.size());
      long work = enumerator.scorer().work(block);
      long from = System.nanoTime();
      enumerator.scored(block);
      timed.add(new Timed(work, (System.nanoTime() - from) / NANOS));
      seen.add(work);
    }
    return timed;
  }

  /** Returns the straight line of least squares, neither of its two times being below 0. */
  static TimeEstimate fitted(List<Timed> timed) {
    double meanWork = timed.stream().mapToDouble(Timed::work).average().orElseThrow();
    double meanSeconds = timed.stream().mapToDouble(Timed::seconds).average().orElseThrow();
    double squares = 0;
    double products = 0;
    for (Timed block : timed) {
      squares += (block.work - meanWork) * (block.work - meanWork);
      products += (block.work - meanWork) * (block.seconds - meanSeconds);
    }
    double slope = squares == 0 ? Double.POSITIVE_INFINITY : products / squares;
    double perToken = Math.max(0, Math.min(slope, meanSeconds / meanWork));
    return new TimeEstimate(meanSeconds - perToken * meanWork, perToken);
  }

  /** Returns how long the chunks take that a file's shard lacks. */
  public Duration ofRest(Enumerator enumerator, EnumerationFile file) {
    PromptSpace space = enumerator.tokens().space();
    double[] ofTemplate = new double[space.templates().size()];
    double total = 0;
    for (Chunk chunk : file.missing()) {
      int template = chunk.template();
      if (ofTemplate[template] == 0) { // All subjects take the same.
        ofTemplate[template] = seconds(enumerator, enumerator.prompts(chunk));
      }
      total += ofTemplate[template];
    }
    return Duration.ofMillis(Math.round(1000 * total));
  }

  private double seconds(Enumerator enumerator, List<ScoredPrompt> prompts) {
    int block = enumerator.scorer().block();
    int blocks = (prompts.size() + block - 1) / block;
    return blocks * secondsPerBlock + enumerator.scorer().work(prompts) * secondsPerToken;
  }
}
