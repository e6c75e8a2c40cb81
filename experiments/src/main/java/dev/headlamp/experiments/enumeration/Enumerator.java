package dev.headlamp.experiments.enumeration;

import java.io.IOException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Computes the logit differences of an enumeration. */
public final class Enumerator {

  private final PromptTokens prompts;
  private final PromptSpace space;
  private final PromptScorer scorer;

  /** Computes the logit differences of some prompts with a scorer. */
  public Enumerator(PromptTokens prompts, PromptScorer scorer) {
    this.prompts = prompts;
    this.space = prompts.space();
    this.scorer = scorer;
  }

  /**
   * Computes the chunks of a file's shard that are missing, and writes each as soon as it is done.
   *
   * @return whether the shard is complete, rather than stopped by the monitor
   * @throws ArithmeticException if the model gives NaN
   * @throws IOException if the file cannot be read or written
   */
  public boolean complete(EnumerationFile file, EnumerationMonitor monitor) throws IOException {
    List<Chunk> missing = file.missing();
    int total = file.rowsOfShard();
    Progress progress = new Progress(total, monitor);
    progress.add(file.read().values());
    for (Chunk chunk : missing) {
      Optional<float[]> values = score(chunk, progress);
      if (values.isEmpty()) {
        return false;
      }
      file.write(chunk, values.get());
    }
    return true;
  }

  private Optional<float[]> score(Chunk chunk, Progress progress) {
    float[] values = new float[chunk.size()];
    List<ScoredPrompt> sorted = prompts(chunk);
    int copies = chunk.size() / sorted.size();
    for (int from = 0; from < sorted.size(); from += scorer.block()) {
      if (progress.monitor.isCancelled()) {
        return Optional.empty();
      }
      List<ScoredPrompt> block =
          sorted.subList(from, Math.min(sorted.size(), from + scorer.block()));
      float[] scores = scored(block);
      for (int i = 0; i < scores.length; i++) {
        chunk.put(block.get(i).row(), scores[i], values);
      }
      progress.add(scores, copies);
    }
    return Optional.of(values);
  }

  /** Returns the prompts of a chunk in the order to score them. */
  List<ScoredPrompt> prompts(Chunk chunk) {
    return chunk.distinctRows().stream().map(prompts::prompt).sorted(byTokens()).toList();
  }

  /** Returns the scores of prompts of one length, in order. */
  float[] scored(List<ScoredPrompt> block) {
    float[] scores = scorer.score(block);
    for (int i = 0; i < scores.length; i++) {
      if (Float.isNaN(scores[i])) {
        throw new ArithmeticException(
            ("the logit difference of \"%s\" is NaN: the weights are damaged, or too large for"
                    + " their type")
                .formatted(space.text(block.get(i).row())));
      }
    }
    return scores;
  }

  PromptTokens tokens() {
    return prompts;
  }

  PromptScorer scorer() {
    return scorer;
  }

  /**
   * Computes a random sample, without putting any row into it twice.
   *
   * @param count how many rows; all of them if there are fewer
   * @param seed one seed gives one sample
   * @return the sample, with no value in the other rows; less of it if the monitor stops
   * @throws ArithmeticException if the model gives NaN
   */
  public Enumeration sample(int count, long seed, EnumerationMonitor monitor) {
    float[] values = new float[space.rows()];
    Arrays.fill(values, Float.NaN);
    int[] rows = randomRows(count, seed);
    Progress progress = new Progress(rows.length, monitor);
    for (List<ScoredPrompt> sameLength : byLength(rows)) {
      for (int from = 0; from < sameLength.size(); from += scorer.block()) {
        if (monitor.isCancelled()) {
          return new Enumeration(space, values);
        }
        List<ScoredPrompt> block =
            sameLength.subList(from, Math.min(sameLength.size(), from + scorer.block()));
        float[] scores = scored(block);
        for (int i = 0; i < scores.length; i++) {
          values[block.get(i).row()] = scores[i];
        }
        progress.add(scores);
      }
    }
    return new Enumeration(space, values);
  }

  private int[] randomRows(int count, long seed) {
    return new SplittableRandom(seed)
        .ints(0, space.rows())
        .distinct()
        .limit(Math.min(count, space.rows()))
        .toArray();
  }

  private Iterable<List<ScoredPrompt>> byLength(int[] rows) {
    return IntStream.of(rows)
        .mapToObj(prompts::prompt)
        .sorted(byTokens())
        .collect(
            Collectors.groupingBy(
                prompt -> prompt.tokens().length, TreeMap::new, Collectors.toList()))
        .values();
  }

  private static Comparator<ScoredPrompt> byTokens() {
    return (a, b) -> Arrays.compare(a.tokens(), b.tokens());
  }

  /** Counts what is done. */
  private static final class Progress {
    private final int total;
    private final EnumerationMonitor monitor;
    private long done;
    private long belowZero;

    Progress(int total, EnumerationMonitor monitor) {
      this.total = total;
      this.monitor = monitor;
    }

    void add(float[] values) {
      add(values, 1);
    }

    /** Adds values that each stand in several rows; NaN stands for a row that is not there. */
    void add(float[] values, int copies) {
      for (float value : values) {
        done += Float.isNaN(value) ? 0 : copies;
        belowZero += value < 0 ? copies : 0;
      }
      monitor.onProgress(done, total, belowZero);
    }
  }
}
