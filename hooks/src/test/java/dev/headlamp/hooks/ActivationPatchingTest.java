package dev.headlamp.hooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.engine.TokenBatch.Padding;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.LabelledArray;
import dev.headlamp.weights.SafetensorsFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Sweeps on a model of 2 layers of 4 heads, two pairs of prompts of 10 tokens. */
class ActivationPatchingTest {

  private static final double TOLERANCE = 1e-4;
  private static final PatchAxis LAYER = PatchAxis.LAYER;
  private static final PatchAxis POS = PatchAxis.POS;
  private static final PatchAxis HEAD = PatchAxis.HEAD;

  private static HookedGpt2 model;
  private static TokenBatch clean;
  private static TokenBatch corrupted;
  private static int[][] answers;
  private static Metric metric;
  private static ActivationPatching denoising;
  private static ActivationPatching noising;

  @BeforeAll
  static void load() throws IOException {
    model = HookedGpt2.load(Fixtures.model("tiny"));
    try (SafetensorsFile reference =
        SafetensorsFile.open(Fixtures.file("tiny", "patching.safetensors"))) {
      clean = References.tokens(reference, "tokens.clean");
      corrupted = References.tokens(reference, "tokens.corrupted");
      answers = References.rows(reference, "answers");
      metric =
          Metrics.logitDifference(References.column(answers, 0), References.column(answers, 1));
    }
    denoising = ActivationPatching.denoising(model, clean, corrupted, metric);
    noising = ActivationPatching.noising(model, clean, corrupted, metric);
  }

  @AfterAll
  static void close() {
    denoising.close();
    noising.close();
    model.close();
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }

  @Test
  void theWholeResidualStreamOfAnyLayerCarriesTheSourcesMetric() {
    PatchSweep whole = PatchSweep.of(Activation.RESID_PRE, LAYER);
    double cleanMean = mean(denoising.cleanMetric());
    double corruptedMean = mean(denoising.corruptedMetric());
    assertThat(Math.abs(cleanMean - corruptedMean)).isGreaterThan(100 * TOLERANCE);
    assertThat(denoising.run(whole).values())
        .containsExactly(new double[] {cleanMean, cleanMean}, within(TOLERANCE));
    assertThat(noising.run(whole).values())
        .containsExactly(new double[] {corruptedMean, corruptedMean}, within(TOLERANCE));
  }

  @Test
  void patchingARunIntoItselfChangesNothing() {
    try (ActivationPatching same = ActivationPatching.denoising(model, clean, clean, metric)) {
      double unpatched = mean(same.cleanMetric());
      for (double value : same.run(PatchSweep.headByPos(Activation.V)).values()) {
        assertThat(value).isEqualTo(unpatched, within(TOLERANCE));
      }
    }
  }

  @Test
  void theResultSaysWhatWasPatchedAndInWhichDirection() {
    PatchSweep sweep = PatchSweep.head(Activation.Z);
    LabelledArray result = noising.run(sweep);
    assertThat(result.name()).isEqualTo("noising: z by layer, head");
    assertThat(result.unit()).isEqualTo("logit difference");
    assertThat(result.axes()).extracting(Axis::name).containsExactly("layer", "head");
    assertThat(result.shape()).containsExactly(2, 4);
    assertThat(denoising.run(sweep).name()).isEqualTo("denoising: z by layer, head");
  }

  static List<PatchSweep> sweeps() {
    return List.of(
        PatchSweep.of(Activation.EMBED, POS),
        PatchSweep.of(Activation.POS_EMBED, POS),
        PatchSweep.of(Activation.LN_FINAL_NORMALIZED, POS),
        PatchSweep.residPre(),
        PatchSweep.residMid(),
        PatchSweep.of(Activation.RESID_POST, POS, LAYER),
        PatchSweep.of(Activation.MLP_POST, LAYER, POS),
        PatchSweep.headByPos(Activation.K),
        PatchSweep.headByPos(Activation.RESULT),
        PatchSweep.of(Activation.V_INPUT, LAYER, HEAD),
        PatchSweep.of(Activation.ATTN_SCORES, LAYER, HEAD, PatchAxis.SOURCE),
        PatchSweep.patternByDestAndSource());
  }

  /** Plain runs from the embedding to all logits, with a hook for the patch. */
  @ParameterizedTest
  @MethodSource("sweeps")
  void aSweepGivesWhatOneHookedRunForEachPatchGives(PatchSweep sweep) {
    double[] swept = denoising.run(sweep).values();
    PatchGrid grid = new PatchGrid(sweep, model.config(), corrupted);
    Random random = new Random(sweep.title().hashCode());
    try (CachedRun source = model.runWithCache(clean, CacheSpec.everything())) {
      for (int i = 0; i < 10; i++) {
        int index = random.nextInt(swept.length);
        Patch patch = grid.patch(index);
        try (HookRegistry hooks = model.newHooks()) {
          hooks.add(patch.point(), patch.part(), Interventions.replaceFrom(source.cache()));
          try (INDArray logits = model.run(corrupted, hooks)) {
            double naive = mean(allLogits().perPrompt(logits, corrupted));
            assertThat(swept[index]).as(patch.toString()).isEqualTo(naive, within(TOLERANCE));
          }
        }
      }
    }
  }

  /** The same logit difference, read from all logits. */
  private static Metric allLogits() {
    return Metric.of(
        "logit difference of all logits",
        (logits, tokens) ->
            IntStream.range(0, tokens.batch())
                .mapToDouble(
                    prompt -> {
                      int last = tokens.lastPos(prompt);
                      return logits.getDouble(prompt, last, answers[prompt][0])
                          - logits.getDouble(prompt, last, answers[prompt][1]);
                    })
                .toArray());
  }

  @Test
  void aMetricOfAllLogitsGivesWhatTheNarrowOneGives() {
    PatchSweep sweep = PatchSweep.attnOut();
    try (ActivationPatching wide =
        ActivationPatching.denoising(model, clean, corrupted, allLogits())) {
      assertThat(wide.run(sweep).values())
          .containsExactly(denoising.run(sweep).values(), within(TOLERANCE));
    }
  }

  @Test
  void sweepsOfOneShapeAreStacked() {
    assertStacked(PatchSweep.everyHead(), 5, 2, 4);
    assertStacked(PatchSweep.everyHeadByPos(), 5, 2, 10, 4);
    assertStacked(PatchSweep.everyBlock(), 3, 2, 10);
  }

  private static void assertStacked(List<PatchSweep> sweeps, int... shape) {
    LabelledArray stacked = denoising.run(sweeps, SweepMonitor.NONE);
    assertThat(stacked.shape()).containsExactly(shape);
    assertThat(stacked.name()).isEqualTo("denoising");
    for (PatchSweep sweep : sweeps) {
      assertThat(stacked.slice("activation", sweep.activation().shortName()).values())
          .containsExactly(denoising.run(sweep).values(), within(TOLERANCE));
    }
  }

  @Test
  void sweepsOfDifferentShapesAreNotStacked() {
    List<PatchSweep> sweeps = List.of(PatchSweep.residPre(), PatchSweep.head(Activation.Z));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> denoising.run(sweeps, SweepMonitor.NONE))
        .withMessageContaining("[2, 10]")
        .withMessageContaining("[2, 4]");
  }

  @Test
  void progressIsReportedAfterEveryPatchOfAllSweeps() {
    List<String> progress = new ArrayList<>();
    SweepMonitor monitor = (done, total) -> progress.add(done + "/" + total);
    denoising.run(PatchSweep.everyHead(), monitor);
    assertThat(progress)
        .containsExactlyElementsOf(
            IntStream.rangeClosed(1, 40).mapToObj(done -> done + "/40").toList());
  }

  /** Cancels, or interrupts its thread, after some patches. */
  private static final class Stopping implements SweepMonitor {
    private final int after;
    private final boolean interrupts;
    private long done;

    private Stopping(int after, boolean interrupts) {
      this.after = after;
      this.interrupts = interrupts;
    }

    @Override
    public void onProgress(long nowDone, long total) {
      done = nowDone;
      if (interrupts && done == after) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public boolean isCancelled() {
      return !interrupts && done >= after;
    }
  }

  @Test
  void aCancelledSweepKeepsWhatIsDone() {
    assertKeepsWhatIsDone(denoising.run(PatchSweep.residPre(), new Stopping(6, false)));
  }

  @Test
  void anInterruptedSweepKeepsWhatIsDoneAndTheThreadsFlag() {
    LabelledArray result;
    try {
      result = denoising.run(PatchSweep.residPre(), new Stopping(6, true));
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertKeepsWhatIsDone(result);
  }

  /** Patches may be run together, and then come in together. */
  private static void assertKeepsWhatIsDone(LabelledArray result) {
    double[] whole = denoising.run(PatchSweep.residPre()).values();
    int done = whole.length;
    while (Double.isNaN(result.values()[done - 1])) {
      done--;
    }
    assertThat(done).isGreaterThanOrEqualTo(6);
    Arrays.fill(whole, done, whole.length, LabelledArray.ABSENT);
    assertThat(result.values()).containsExactly(whole);
  }

  @Test
  void aSweepCancelledBeforeItBeginsHoldsNothing() {
    LabelledArray result = denoising.run(PatchSweep.residPre(), new Stopping(0, false));
    assertThat(result.values()).containsOnly(LabelledArray.ABSENT);
  }

  @Test
  void cancellingSeveralSweepsKeepsWhatIsDone() {
    // Of the second, patches are run one by one.
    List<PatchSweep> sweeps =
        List.of(PatchSweep.head(Activation.Z), PatchSweep.head(Activation.RESULT));
    LabelledArray result = denoising.run(sweeps, new Stopping(11, false));
    assertThat(result.slice("activation", "z").values())
        .containsExactly(denoising.run(sweeps.get(0)).values());
    double[] last = denoising.run(sweeps.get(1)).values();
    Arrays.fill(last, 3, last.length, LabelledArray.ABSENT);
    assertThat(result.slice("activation", "result").values()).containsExactly(last);
  }

  @Test
  void promptsThatDoNotCorrespondAreRefused() {
    int[] three = {1, 2, 3};
    int[] two = {4, 5};
    assertRefused(
        TokenBatch.of(three),
        TokenBatch.of(three, three),
        "patching needs a corrupted prompt for each clean one: there are 1 clean and 2 corrupted");
    assertRefused(
        TokenBatch.of(three, three),
        TokenBatch.of(three, two),
        "patching goes position by position: prompt 1 has 3 tokens clean and 2 corrupted");
    assertRefused(
        TokenBatch.padded(List.of(three, two), Padding.LEFT, 0),
        TokenBatch.padded(List.of(three, two), Padding.RIGHT, 0),
        "patching needs equal padding: prompt 1 starts at 1 of 3 clean, at 0 of 3 corrupted");
  }

  private static void assertRefused(TokenBatch clean, TokenBatch corrupted, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ActivationPatching.denoising(model, clean, corrupted, metric))
        .withMessage(message);
  }

  @Test
  void axesThatDoNotFitAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> denoising.run(PatchSweep.of(Activation.Z, HEAD)))
        .withMessage("a sweep of blocks.{l}.attn.hook_z needs the layer axis");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PatchSweep.of(Activation.RESID_PRE, LAYER, HEAD))
        .withMessage(
            "blocks.{l}.hook_resid_pre has no head to sweep over: it holds [batch, pos, d_model]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PatchSweep.of(Activation.EMBED, LAYER, POS))
        .withMessageContaining("hook_embed has no layer");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PatchSweep.of(Activation.Z, LAYER, LAYER))
        .withMessageContaining("each once");
    assertThatIllegalArgumentException().isThrownBy(() -> PatchSweep.of(Activation.Z));
  }

  @ParameterizedTest
  @EnumSource(names = {"Z", "EMBED"})
  void afterClosingNothingRuns(Activation activation) {
    ActivationPatching closed = ActivationPatching.denoising(model, clean, corrupted, metric);
    closed.close();
    closed.close();
    PatchSweep sweep =
        activation.perLayer() ? PatchSweep.head(activation) : PatchSweep.of(activation, POS);
    assertThatIllegalStateException()
        .isThrownBy(() -> closed.run(sweep))
        .withMessageContaining("closed");
  }

  @Test
  void whereCleanPromptsDifferTheLabelShowsTheFirst() throws IOException {
    try (HookedGpt2 demo = HookedGpt2.load(Fixtures.model("ioi-demo"))) {
      TokenBatch prompts = demo.toTokens("John and Mary went", "John and John went");
      assertThat(PositionLabels.of(demo, prompts))
          .containsExactly(
              "0: '<|endoftext|>'", "1: 'John'", "2: ' and'", "3: ' Mary' …", "4: ' went'");
    }
  }

  @Test
  void positionsAreLabelledWithTheTokenOfTheCleanPrompt() throws IOException {
    try (HookedGpt2 demo = HookedGpt2.load(Fixtures.model("ioi-demo"));
        ActivationPatching patching =
            ActivationPatching.denoising(
                demo,
                demo.toTokens("John and Mary went to the store"),
                demo.toTokens("John and John went to the store"),
                Metrics.logit(5))) {
      LabelledArray result = patching.run(PatchSweep.of(Activation.EMBED, POS));
      Axis axis = result.axis("pos");
      assertThat(axis.label(2)).isEqualTo("2: ' and'");
      assertThat(axis.label(3)).isEqualTo("3: ' Mary'");
      double corruptedValue = mean(patching.corruptedMetric());
      for (int pos = 0; pos < axis.length(); pos++) {
        double expected = pos == 3 ? mean(patching.cleanMetric()) : corruptedValue;
        assertThat(result.value(pos)).isEqualTo(expected, within(TOLERANCE));
      }
    }
  }

  @Test
  void everyPatchOfAGridIsAnother() {
    PatchGrid grid = new PatchGrid(PatchSweep.patternByDestAndSource(), model.config(), clean);
    assertThat(grid.size()).isEqualTo(2 * 4 * 10 * 10);
    assertThat(grid.patch(2 * 4 * 10 * 10 - 1))
        .isEqualTo(
            new Patch(
                HookPoint.of(Activation.PATTERN, 1), Part.everything().heads(3).at(9).sources(9)));
    assertThat(IntStream.range(0, 800).mapToObj(grid::patch).distinct()).hasSize(800);
  }
}
