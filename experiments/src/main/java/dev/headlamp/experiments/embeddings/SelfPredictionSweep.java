package dev.headlamp.experiments.embeddings;

import dev.headlamp.engine.Gpt2;
import dev.headlamp.engine.circuits.SelfPrediction;
import dev.headlamp.hooks.SweepMonitor;
import java.util.stream.IntStream;

/**
 * How many tokens W_E·W_U predicts to be themselves, chunk by chunk, so that it can be watched and
 * stopped.
 *
 * @param tokens how many tokens were looked at, from id 0 on
 * @param hits how many of them are their own prediction
 */
public record SelfPredictionSweep(int tokens, long hits) {

  private static final int CHUNK = 1024;

  /** Looks at every token, or as many as there are until the monitor cancels. */
  public static SelfPredictionSweep of(Gpt2 model, SweepMonitor monitor) {
    int vocabulary = model.config().dVocab();
    SelfPredictionSweep sweep = new SelfPredictionSweep(0, 0);
    for (int from = 0; from < vocabulary && !monitor.stops(); from += CHUNK) {
      int to = Math.min(from + CHUNK, vocabulary);
      double rate = SelfPrediction.rate(model, IntStream.range(from, to).toArray());
      sweep = new SelfPredictionSweep(to, sweep.hits + Math.round(rate * (to - from)));
      monitor.onProgress(to, vocabulary);
    }
    return sweep;
  }

  /** Returns the share of tokens that are their own prediction; NaN if none was looked at. */
  public double rate() {
    return (double) hits / tokens;
  }
}
