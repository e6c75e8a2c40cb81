package dev.headlamp.experiments.verify;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.Gpt2;
import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.KeyValueCache;
import dev.headlamp.engine.LogitSelection;
import dev.headlamp.engine.RunSpec;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.engine.TokenBatch.Padding;
import dev.headlamp.engine.WeightProcessing;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.NextToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Checks of a model against itself, for which nothing has to be published: ways of computing the
 * same thing must agree. Each reports the largest difference of a log-probability, over every token
 * of the vocabulary and every position of three prompts of random tokens, one of a single token.
 */
public final class SelfConsistency {

  /**
   * Rounding of float32, in nats: real models have residual streams with entries in the thousands.
   */
  private static final double TOLERANCE = 1e-3;

  private static final String SOURCE = "the model itself";
  private static final int LONGEST = 24;
  private static final long SEED = 1;
  private static final String PROCESSED = "raw weights against weights processed";
  private static final String FLOAT64 = "float32 against float64";

  private final HookedGpt2 model;
  private final BiConsumer<String, Finding> receiver;
  private final List<int[]> prompts;
  private final List<NextToken> expected;

  private SelfConsistency(HookedGpt2 model, BiConsumer<String, Finding> receiver) {
    this.model = model;
    this.receiver = receiver;
    this.prompts = prompts(model.config());
    this.expected = oneByOne(model.engine());
  }

  /** Loads the model that is checked once more. */
  @FunctionalInterface
  public interface Float64Loader {
    /** Returns it, its weights as float64; it is closed after use. */
    HookedGpt2 load() throws IOException;
  }

  /**
   * Measures a model.
   *
   * @param inFloat64 loads it once more
   * @param receiver is given each finding as soon as it is there, with its source
   * @throws IOException if it cannot be loaded once more
   */
  public static void measure(
      HookedGpt2 model, Float64Loader inFloat64, BiConsumer<String, Finding> receiver)
      throws IOException {
    SelfConsistency checks = new SelfConsistency(model, receiver);
    checks.batched(Padding.RIGHT);
    checks.batched(Padding.LEFT);
    checks.resumed();
    checks.withKeyValues();
    checks.ifItFits(PROCESSED, checks::processed);
    checks.ifItFits(FLOAT64, () -> checks.inFloat64(inFloat64));
  }

  private static List<int[]> prompts(Gpt2Config config) {
    int longest = Math.min(LONGEST, config.nCtx());
    SplittableRandom random = new SplittableRandom(SEED);
    return IntStream.of(longest, (longest + 1) / 2, 1)
        .mapToObj(length -> random.ints(length, 0, config.dVocab()).toArray())
        .toList();
  }

  /** Returns what follows each token of each prompt, by the plain full run of that prompt. */
  private List<NextToken> oneByOne(Gpt2 engine) {
    List<NextToken> next = new ArrayList<>();
    for (int[] prompt : prompts) {
      next.addAll(nextTokens(engine, RunSpec.of(TokenBatch.of(prompt))));
    }
    return next;
  }

  private void batched(Padding padding) {
    RunSpec together = RunSpec.of(TokenBatch.padded(prompts, padding, 0));
    report(
        "one batch, padded on the "
            + (padding == Padding.LEFT ? "left" : "right")
            + ", against prompts one by one",
        nextTokens(model.engine(), together));
  }

  private void resumed() {
    int layer = model.config().nLayers() / 2;
    HookPoint entering = HookPoint.of(Activation.RESID_PRE, layer);
    List<NextToken> next = new ArrayList<>();
    for (int[] prompt : prompts) {
      TokenBatch tokens = TokenBatch.of(prompt);
      try (CachedRun run = model.runWithCache(tokens, CacheSpec.of(entering))) {
        RunSpec rest = RunSpec.of(tokens).startAt(layer, run.cache().get(entering));
        next.addAll(nextTokens(model.engine(), rest));
      }
    }
    report("resumed at layer " + layer + " against full runs", next);
  }

  private void withKeyValues() {
    List<NextToken> next = new ArrayList<>();
    for (int[] prompt : prompts) {
      try (KeyValueCache past = model.engine().newKeyValueCache(1, prompt.length)) {
        for (int token : prompt) {
          RunSpec step = RunSpec.of(TokenBatch.of(new int[] {token}));
          next.addAll(nextTokens(model.engine(), step.withKeyValues(past)));
        }
      }
    }
    report("token by token with a key-value cache against full runs", next);
  }

  private interface Comparison {
    void run() throws IOException;
  }

  /** A second copy of a large model may not fit; what was found before is not lost for that. */
  private void ifItFits(String what, Comparison comparison) throws IOException {
    try {
      comparison.run();
    } catch (OutOfMemoryError e) {
      receiver.accept(
          SOURCE,
          new Finding.NotRun(
              what,
              new Expectation.AtMost(TOLERANCE),
              "a second copy of the model does not fit in memory"));
    }
  }

  private void processed() {
    WeightProcessing steps = WeightProcessing.transformerLens();
    try (Gpt2 processed = model.engine().processed(steps)) {
      report(PROCESSED + " by " + steps, oneByOne(processed));
    }
  }

  private void inFloat64(Float64Loader loader) throws IOException {
    if (model.dataType() == DataType.DOUBLE) {
      receiver.accept(
          SOURCE,
          new Finding.NotRun(
              FLOAT64, new Expectation.AtMost(TOLERANCE), "the model is loaded as float64"));
      return;
    }
    try (HookedGpt2 exact = loader.load()) {
      report(FLOAT64, oneByOne(exact.engine()));
    }
  }

  private void report(String what, List<NextToken> actual) {
    double largest = 0;
    for (int i = 0; i < expected.size(); i++) {
      largest = Math.max(largest, difference(expected.get(i), actual.get(i)));
    }
    receiver.accept(
        SOURCE,
        new Finding.Measured(
            what + ", largest difference of a log-probability",
            new Expectation.AtMost(TOLERANCE),
            largest));
  }

  /** Returns NaN if one of them holds NaN. */
  private double difference(NextToken a, NextToken b) {
    return IntStream.range(0, model.config().dVocab())
        .mapToDouble(token -> Math.abs(a.logProbability(token) - b.logProbability(token)))
        .reduce(0, Math::max);
  }

  /** Returns what follows each token of a batch, prompt by prompt, padding left out. */
  private static List<NextToken> nextTokens(Gpt2 engine, RunSpec run) {
    TokenBatch tokens = run.tokens();
    List<NextToken> next = new ArrayList<>();
    try (INDArray logits = engine.run(run.withLogits(LogitSelection.all())).logits()) {
      for (int prompt = 0; prompt < tokens.batch(); prompt++) {
        for (int pos = tokens.firstPos(prompt); pos <= tokens.lastPos(prompt); pos++) {
          next.add(NextToken.of(logits, prompt, pos));
        }
      }
    }
    return next;
  }
}
