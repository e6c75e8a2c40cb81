package dev.headlamp.hooks.gradients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.RunResult;
import dev.headlamp.engine.RunSpec;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.hooks.ActivationPatching;
import dev.headlamp.hooks.ActivationPatching.Direction;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.Hook;
import dev.headlamp.hooks.HookRegistry;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.Interventions;
import dev.headlamp.hooks.Metrics;
import dev.headlamp.hooks.Part;
import dev.headlamp.hooks.PatchAxis;
import dev.headlamp.hooks.PatchSweep;
import dev.headlamp.hooks.SweepMonitor;
import dev.headlamp.hooks.report.LabelledArray;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Estimates on a model of 2 layers of 4 heads in float64, two pairs of prompts of 10 tokens. */
class AttributionPatchingTest {

  private static final Pairs PAIRS = Pairs.of("tiny");

  private static final PatchAxis LAYER = PatchAxis.LAYER;
  private static final PatchAxis POS = PatchAxis.POS;

  private static HookedGpt2 model;
  private static AttributionPatching denoising;
  private static AttributionPatching noising;

  @BeforeAll
  static void load() throws IOException {
    model = HookedGpt2.load(Fixtures.model("tiny"), DataType.DOUBLE);
    denoising =
        AttributionPatching.denoising(model, PAIRS.clean(), PAIRS.corrupted(), PAIRS.metric());
    noising = AttributionPatching.noising(model, PAIRS.clean(), PAIRS.corrupted(), PAIRS.metric());
  }

  @AfterAll
  static void close() {
    model.close();
  }

  static List<PatchSweep> sweeps() {
    return List.of(
        PatchSweep.of(Activation.EMBED, POS),
        PatchSweep.of(Activation.LN_FINAL_NORMALIZED, POS),
        PatchSweep.residPre(),
        PatchSweep.of(Activation.RESID_POST, POS, LAYER),
        PatchSweep.of(Activation.MLP_POST, LAYER),
        PatchSweep.headByPos(Activation.K),
        PatchSweep.headByPos(Activation.RESULT),
        PatchSweep.head(Activation.Z),
        PatchSweep.of(Activation.V_INPUT, PatchAxis.HEAD, LAYER),
        PatchSweep.of(Activation.ATTN_SCORES, LAYER, PatchAxis.HEAD, PatchAxis.SOURCE),
        PatchSweep.patternByDestAndSource());
  }

  /** The slope of runs that go a little way from the target's value to the source's. */
  @ParameterizedTest
  @MethodSource("sweeps")
  void anEstimateIsTheSlopeOfPatchingALittle(PatchSweep sweep) {
    assertSlopes(sweep, denoising.run(sweep), PAIRS.clean(), PAIRS.corrupted());
  }

  @Test
  void inTheOtherDirectionToo() {
    PatchSweep sweep = PatchSweep.headByPos(Activation.Z);
    assertSlopes(sweep, noising.run(sweep), PAIRS.corrupted(), PAIRS.clean());
  }

  private static void assertSlopes(
      PatchSweep sweep, LabelledArray estimated, TokenBatch source, TokenBatch target) {
    Random random = new Random(sweep.title().hashCode());
    try (CachedRun run = model.runWithCache(source, CacheSpec.everything())) {
      for (int i = 0; i < 8; i++) {
        int[] index = Arrays.stream(estimated.shape()).map(random::nextInt).toArray();
        HookPoint point = point(sweep, index);
        Part part = part(sweep, index);
        Hook whole = Interventions.replaceFrom(run.cache());
        double step = 1e-5;
        double after = metricWith(target, point, part, partly(whole, step));
        double before = metricWith(target, point, part, partly(whole, -step));
        assertThat(estimated.value(index))
            .as(point + " " + part)
            .isCloseTo((after - before) / (2 * step), within(1e-7));
      }
    }
  }

  private static Hook partly(Hook whole, double share) {
    return (value, context) -> {
      INDArray change = whole.apply(value, context).sub(value);
      // −inf less −inf, where scores are masked in both
      INDArray sound = change.dup();
      for (long i = 0; i < sound.length(); i++) {
        if (Double.isNaN(sound.getDouble(i))) {
          sound.putScalar(i, 0);
        }
      }
      return value.add(sound.mul(share));
    };
  }

  private static double metricWith(TokenBatch target, HookPoint point, Part part, Hook hook) {
    try (HookRegistry hooks = model.newHooks()) {
      hooks.add(point, part, hook);
      RunSpec spec = RunSpec.of(target).withLogits(PAIRS.metric().reads());
      try (RunResult run = model.run(spec, hooks)) {
        return PAIRS.metric().mean(run.logits(), target);
      }
    }
  }

  private static HookPoint point(PatchSweep sweep, int[] index) {
    int layer = sweep.axes().indexOf(LAYER);
    return layer < 0
        ? HookPoint.of(sweep.activation())
        : HookPoint.of(sweep.activation(), index[layer]);
  }

  private static Part part(PatchSweep sweep, int[] index) {
    Part part = Part.everything();
    for (int i = 0; i < index.length; i++) {
      part =
          switch (sweep.axes().get(i)) {
            case LAYER -> part;
            case POS, DEST -> part.at(index[i]);
            case HEAD -> part.heads(index[i]);
            case SOURCE -> part.sources(index[i]);
          };
    }
    return part;
  }

  @ParameterizedTest
  @MethodSource("sweeps")
  void theAxesAreThoseOfActivationPatching(PatchSweep sweep) {
    // Cancelled at once: only the axes are of interest.
    SweepMonitor nothing =
        new SweepMonitor() {
          @Override
          public void onProgress(long done, long total) {}

          @Override
          public boolean isCancelled() {
            return true;
          }
        };
    try (ActivationPatching patching =
        ActivationPatching.denoising(model, PAIRS.clean(), PAIRS.corrupted(), PAIRS.metric())) {
      assertThat(denoising.run(sweep).axes()).isEqualTo(patching.run(sweep, nothing).axes());
    }
  }

  /** A logit difference is linear in what the unembedding reads. */
  @ParameterizedTest
  @EnumSource
  void whereTheMetricIsLinearTheEstimateIsTheEffect(Direction direction) {
    AttributionPatching attribution = direction == Direction.DENOISING ? denoising : noising;
    assertThat(attribution.direction()).isEqualTo(direction);
    ApproximationReport report =
        attribution.compare(PatchSweep.of(Activation.LN_FINAL_NORMALIZED, POS));
    double[] measured = report.measured().values();
    assertThat(Math.abs(measured[9])).isGreaterThan(0.1);
    assertThat(report.estimated().values()).containsExactly(measured, within(1e-12));
  }

  @Test
  void severalSweepsGiveWhatEachGivesAlone() {
    List<PatchSweep> sweeps =
        List.of(
            PatchSweep.residPre(),
            PatchSweep.head(Activation.Z),
            PatchSweep.headByPos(Activation.Z));
    List<LabelledArray> together = denoising.run(sweeps);
    assertThat(together).hasSize(3);
    for (int i = 0; i < 3; i++) {
      LabelledArray alone = denoising.run(sweeps.get(i));
      assertThat(together.get(i).name()).isEqualTo(alone.name());
      assertThat(together.get(i).values()).containsExactly(alone.values(), within(1e-12));
    }
    LabelledArray byHead = together.get(1);
    LabelledArray byPosition = together.get(2);
    for (int head = 0; head < 4; head++) {
      double sum = byPosition.slice("layer", 1).slice("head", head).stream().sum();
      assertThat(byHead.value(1, head)).isEqualTo(sum, within(1e-12));
    }
  }

  @Test
  void theResultSaysThatItIsAnEstimateAndOfWhat() {
    LabelledArray result = noising.run(PatchSweep.head(Activation.Z));
    assertThat(result.name()).isEqualTo("estimated effect of noising: z by layer, head");
    assertThat(result.unit()).isEqualTo("change of the logit difference");
  }

  @Test
  void theReportHoldsWhatPatchingMeasures() {
    PatchSweep sweep = PatchSweep.attnOut();
    ApproximationReport report = noising.compare(sweep);
    try (ActivationPatching patching =
        ActivationPatching.noising(model, PAIRS.clean(), PAIRS.corrupted(), PAIRS.metric())) {
      double unpatched = Arrays.stream(patching.cleanMetric()).average().orElseThrow();
      double[] patched = patching.run(sweep).values();
      for (int i = 0; i < patched.length; i++) {
        assertThat(report.measured().values()[i]).isEqualTo(patched[i] - unpatched, within(1e-12));
      }
    }
    assertThat(report.estimated()).isEqualTo(noising.run(sweep));
  }

  @Test
  void whatDoesNotFitIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> denoising.run(PatchSweep.of(Activation.Z, PatchAxis.HEAD)))
        .withMessage("a sweep of blocks.{l}.attn.hook_z needs the layer axis");
    assertThatIllegalArgumentException().isThrownBy(() -> denoising.run(List.of()));
    TokenBatch other = TokenBatch.of(new int[] {1, 2, 3});
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> AttributionPatching.denoising(model, other, PAIRS.corrupted(), Metrics.logit(5)))
        .withMessageContaining("there are 1 clean and 2 corrupted");
  }
}
