package dev.headlamp.hooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.LogitSelection;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.engine.VariantRuns;
import dev.headlamp.fixtures.Fixtures;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Patched runs computed together, against the same computed one by one. */
class PatchedRunsTest {

  private static final double CLOSE = 2e-5;

  private static final Metric FIRST_AND_LAST =
      Metric.of(
          "logits of two positions",
          LogitSelection.at(3, 1),
          (logits, tokens) ->
              IntStream.range(0, tokens.batch())
                  .mapToDouble(b -> logits.getDouble(b, 0, 5) - logits.getDouble(b, 1, 6))
                  .toArray());

  static List<PatchSweep> sweeps() {
    return Stream.concat(
            Stream.of(
                PatchSweep.residPre(),
                PatchSweep.residMid(),
                PatchSweep.of(Activation.RESID_POST, PatchAxis.LAYER, PatchAxis.POS),
                PatchSweep.attnOut(),
                PatchSweep.mlpOut(),
                PatchSweep.patternByDest(),
                PatchSweep.patternByDestAndSource(),
                PatchSweep.of(Activation.RESID_PRE, PatchAxis.POS, PatchAxis.LAYER)),
            Stream.concat(PatchSweep.everyHead().stream(), PatchSweep.everyHeadByPos().stream()))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"tiny", "gpt-neo", "odd-shapes-untied", "stanford-style", "unscaled-attention"})
  void areTheSameForEverySweep(String name) throws IOException {
    try (HookedGpt2 model = HookedGpt2.load(Fixtures.model(name))) {
      TokenBatch target = random(model, 1, 7, 7, 7);
      for (PatchSweep sweep : sweeps()) {
        same(
            model,
            random(model, 2, 7, 7, 7),
            target,
            Metrics.logitDifference(one(3), one(4)),
            sweep);
        same(model, partlyEqual(model, target, 4), target, FIRST_AND_LAST, sweep);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("sweeps")
  void areTheSameForPaddedPrompts(PatchSweep sweep) throws IOException {
    try (HookedGpt2 model = HookedGpt2.load(Fixtures.model("tiny"))) {
      for (TokenBatch.Padding padding : TokenBatch.Padding.values()) {
        TokenBatch target = padded(model, 1, padding);
        same(model, padded(model, 2, padding), target, Metrics.logProbability(7), sweep);
        Metric all =
            Metric.of(
                "sum of logits of a token, wherever it may stand",
                (logits, tokens) ->
                    IntStream.range(0, tokens.batch())
                        .mapToDouble(b -> logits.getDouble(b, tokens.lastPos(b) - 1, 9))
                        .toArray());
        same(model, padded(model, 2, padding), target, all, sweep);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("sweeps")
  void areTheSameForPaddedPromptsThatBeginAlike(PatchSweep sweep) throws IOException {
    try (HookedGpt2 model = HookedGpt2.load(Fixtures.model("tiny"))) {
      for (TokenBatch.Padding padding : TokenBatch.Padding.values()) {
        int[][] prompts = prompts(model, 1, 5, 7, 3);
        TokenBatch target = TokenBatch.padded(List.of(prompts), padding, 0);
        prompts[0][4]++;
        prompts[1][5]++;
        TokenBatch source = TokenBatch.padded(List.of(prompts), padding, 0);
        same(model, source, target, Metrics.logProbability(7), sweep);
      }
    }
  }

  @Test
  void areTheSameForSweepsTogether() throws IOException {
    try (HookedGpt2 model = HookedGpt2.load(Fixtures.model("tiny"))) {
      TokenBatch target = random(model, 1, 7, 7, 7);
      for (TokenBatch source :
          List.of(random(model, 2, 7, 7, 7), partlyEqual(model, target, 4), target)) {
        same(model, source, target, FIRST_AND_LAST, PatchSweep.everyBlock());
        same(model, source, target, FIRST_AND_LAST, PatchSweep.everyHeadByPos());
        same(
            model,
            source,
            target,
            FIRST_AND_LAST,
            List.of(
                PatchSweep.mlpOut(),
                PatchSweep.residMid(),
                PatchSweep.head(Activation.RESULT),
                PatchSweep.of(Activation.RESID_POST, PatchAxis.LAYER, PatchAxis.POS),
                PatchSweep.head(Activation.Z),
                PatchSweep.residPre()));
      }
    }
  }

  /**
   * In the second block 48 · 49 / 2 rows of each prompt from each of six times 48 patches: their
   * products with 4 heads' keys at 47 positions are more than a million, which is as many as are
   * taken in one go.
   */
  @Test
  void areTheSameForManyLongPrompts() throws IOException {
    try (HookedGpt2 model = HookedGpt2.load(Fixtures.model("tiny"))) {
      int length = model.config().nCtx();
      assertThat(6L * (length * (length + 1) / 2) * 4 * (length - 1)).isGreaterThan(1 << 20);
      Metric everywhere =
          Metric.of(
              "a logit at every position",
              LogitSelection.all(),
              (logits, tokens) ->
                  IntStream.range(0, tokens.batch())
                      .mapToDouble(
                          b ->
                              IntStream.range(0, length)
                                  .mapToDouble(pos -> logits.getDouble(b, pos, 7))
                                  .average()
                                  .orElseThrow())
                      .toArray());
      same(
          model,
          random(model, 2, length, length),
          random(model, 1, length, length),
          everywhere,
          List.of(
              PatchSweep.residPre(),
              PatchSweep.attnOut(),
              PatchSweep.residMid(),
              PatchSweep.mlpOut(),
              PatchSweep.of(Activation.RESID_POST, PatchAxis.LAYER, PatchAxis.POS)));
    }
  }

  @Test
  void sourcesAreTheUnpatchedRunUntilTheyDiffer() throws IOException {
    Set<Activation> kept = Set.of(Activation.RESID_PRE, Activation.PATTERN);
    try (HookedGpt2 model = HookedGpt2.load(Fixtures.model("tiny"))) {
      TokenBatch target = random(model, 1, 7, 7, 7);
      TokenBatch source = partlyEqual(model, target, 4);
      LogitSelection last = LogitSelection.last();
      try (VariantRuns runs = VariantRuns.of(model.engine(), target, source, last, kept);
          CachedRun whole = model.runWithCache(source, CacheSpec.defaults())) {
        for (Activation activation : kept) {
          HookPoint point = HookPoint.of(activation, 1);
          assertThat(runs.sourceValue(point).dup().data().asFloat())
              .containsExactly(
                  whole.cache().get(point).dup().data().asFloat(), within((float) CLOSE));
        }
        HookPoint residual = HookPoint.of(Activation.RESID_PRE, 1);
        var beginning =
            new INDArrayIndex[] {
              NDArrayIndex.all(), NDArrayIndex.interval(0, 4), NDArrayIndex.all()
            };
        assertThat(runs.sourceValue(residual).get(beginning).dup().data().asFloat())
            .containsExactly(runs.baseValue(residual).get(beginning).dup().data().asFloat());
        assertThatIllegalArgumentException()
            .isThrownBy(() -> runs.sourceValue(HookPoint.of(Activation.Q, 1)))
            .withMessage("blocks.1.attn.hook_q was not kept: there are no variants of it");
        assertThatIllegalArgumentException()
            .isThrownBy(() -> runs.sourceValue(HookPoint.of(Activation.RESID_PRE, 99)))
            .withMessageContaining("layer 99 is out of range: tiny has layers 0 to");
        assertThatIllegalArgumentException()
            .isThrownBy(
                () -> VariantRuns.of(model.engine(), target, random(model, 2, 6, 6, 6), last, kept))
            .withMessageContaining("differ in number, length or padding");
        assertThatIllegalArgumentException()
            .isThrownBy(
                () -> VariantRuns.of(model.engine(), target, random(model, 2, 7, 7), last, kept))
            .withMessageContaining("differ in number, length or padding");
      }
    }
  }

  private static void same(
      HookedGpt2 model, TokenBatch source, TokenBatch target, Metric metric, PatchSweep sweep) {
    assertThat(VariantRuns.supports(model.engine(), sweep.activation())).isTrue();
    same(model, source, target, metric, List.of(sweep));
  }

  private static void same(
      HookedGpt2 model,
      TokenBatch source,
      TokenBatch target,
      Metric metric,
      List<PatchSweep> sweeps) {
    PatchGrids grid = new PatchGrids(sweeps, model.config(), target);
    int[] all = IntStream.range(0, grid.size()).toArray();
    PatchedRuns runs = new PatchedRuns(model, source, target, metric);
    double[] together = new double[all.length];
    double[] oneByOne = new double[all.length];
    Arrays.fill(together, Double.NaN);
    runs.run(all, grid::patch, SweepMonitor.NONE, (patch, value) -> together[patch] = value);
    runs.oneByOne(all, grid::patch, SweepMonitor.NONE, (patch, value) -> oneByOne[patch] = value);
    assertThat(together)
        .as("%s, %s", model.config().name(), sweeps)
        .containsExactly(oneByOne, within(CLOSE));
  }

  private static int[] one(int token) {
    return new int[] {token};
  }

  private static TokenBatch random(HookedGpt2 model, long seed, int... lengths) {
    return TokenBatch.of(prompts(model, seed, lengths));
  }

  private static TokenBatch padded(HookedGpt2 model, long seed, TokenBatch.Padding padding) {
    return TokenBatch.padded(List.of(prompts(model, seed, 5, 7, 2)), padding, 0);
  }

  /** Returns prompts that differ from the given ones from a position on. */
  private static TokenBatch partlyEqual(HookedGpt2 model, TokenBatch prompts, int from) {
    int[][] changed = prompts(model, 5, 7, 7, 7);
    for (int b = 0; b < changed.length; b++) {
      System.arraycopy(prompts.prompt(b), 0, changed[b], 0, b == 1 ? 7 : from);
    }
    return TokenBatch.of(changed);
  }

  private static int[][] prompts(HookedGpt2 model, long seed, int... lengths) {
    Random random = new Random(seed);
    return IntStream.of(lengths)
        .mapToObj(length -> random.ints(length, 0, model.config().dVocab()).toArray())
        .toArray(int[][]::new);
  }
}
