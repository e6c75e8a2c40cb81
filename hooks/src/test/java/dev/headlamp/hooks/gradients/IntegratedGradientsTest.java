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
import dev.headlamp.hooks.ActivationPatching.Direction;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.PatchAxis;
import dev.headlamp.hooks.PatchSweep;
import dev.headlamp.hooks.report.LabelledArray;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;

/** Credits add up to the change of the metric, on a random model and on the demo model. */
class IntegratedGradientsTest {

  private static final Pairs PAIRS = Pairs.of("tiny");

  private static HookedGpt2 model;
  private static IntegratedGradients denoising;

  @BeforeAll
  static void load() throws IOException {
    model = HookedGpt2.load(Fixtures.model("tiny"), DataType.DOUBLE);
    denoising =
        IntegratedGradients.denoising(model, PAIRS.clean(), PAIRS.corrupted(), PAIRS.metric());
  }

  @AfterAll
  static void close() {
    model.close();
  }

  private static double mean(HookedGpt2 model, Pairs pairs, TokenBatch tokens) {
    try (RunResult run =
        model.engine().run(RunSpec.of(tokens).withLogits(pairs.metric().reads()))) {
      return pairs.metric().mean(run.logits(), tokens);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hook_embed",
        "resid_pre1",
        "q_input0",
        "scale0ln1",
        "q1",
        "attn_scores0",
        "pattern1",
        "z0",
        "result1",
        "post0",
        "resid_post1",
        "ln_final.hook_scale"
      })
  void theCreditsOfAnyPointAddUpToTheChangeOfTheMetric(String name) {
    HookPoint point = HookPoint.parse(name, model.config());
    PathAttribution credits = denoising.at(point, Quadrature.gaussLegendre(32));
    assertThat(credits.start()).isEqualTo(mean(model, PAIRS, PAIRS.corrupted()), within(1e-12));
    assertThat(Math.abs(credits.end() - credits.start())).isGreaterThan(0.01);
    assertThat(credits.completenessError()).isLessThan(1e-3);
    System.out.print(credits.text());
  }

  @ParameterizedTest
  @ValueSource(strings = {"hook_embed", "resid_pre0", "resid_pre2"})
  void onTheDemoModelTheCreditsAddUpFromCorruptedToClean(String name) throws IOException {
    Pairs pairs = Pairs.of("ioi-demo");
    try (HookedGpt2 demo = HookedGpt2.load(Fixtures.model("ioi-demo"))) {
      PathAttribution credits =
          IntegratedGradients.denoising(demo, pairs.clean(), pairs.corrupted(), pairs.metric())
              .at(HookPoint.parse(name, demo.config()), Quadrature.gaussLegendre(64));
      System.out.print(credits.text());
      assertThat(credits.start()).isEqualTo(mean(demo, pairs, pairs.corrupted()), within(1e-4));
      assertThat(credits.end()).isEqualTo(mean(demo, pairs, pairs.clean()), within(1e-4));
      assertThat(credits.completenessError()).isLessThan(1e-3);
      assertThat(credits.by(PatchAxis.POS).stream().sum()).isEqualTo(credits.sum(), within(1e-9));
    }
  }

  @Test
  void theOtherDirectionGoesFromCleanToCorrupted() {
    IntegratedGradients noising =
        IntegratedGradients.noising(model, PAIRS.clean(), PAIRS.corrupted(), PAIRS.metric());
    HookPoint embed = HookPoint.of(Activation.EMBED);
    PathAttribution credits = noising.at(embed, Quadrature.gaussLegendre(32));
    assertThat(noising.direction()).isEqualTo(Direction.NOISING);
    assertThat(credits.start()).isEqualTo(mean(model, PAIRS, PAIRS.clean()), within(1e-12));
    assertThat(credits.end()).isEqualTo(mean(model, PAIRS, PAIRS.corrupted()), within(1e-12));
    // The same path walked the other way: at hook_embed both runs share everything else.
    PathAttribution back = denoising.at(embed, Quadrature.gaussLegendre(32));
    double[] values = back.values();
    for (int i = 0; i < values.length; i++) {
      assertThat(credits.values()[i]).isEqualTo(-values[i], within(1e-9));
    }
  }

  @Test
  void moreStepsOfTheMidpointRuleComeCloser() {
    HookPoint embed = HookPoint.of(Activation.EMBED);
    double few = denoising.at(embed, Quadrature.midpoint(20)).completenessError();
    double many = denoising.at(embed, Quadrature.midpoint(80)).completenessError();
    assertThat(many).isLessThan(few / 8);
  }

  /** A logit difference is linear in what the unembedding reads: the gradient never changes. */
  @Test
  void whereTheMetricIsLinearOneStepIsExactAndTheCreditIsThatOfAttributionPatching() {
    HookPoint point = HookPoint.of(Activation.LN_FINAL_NORMALIZED);
    PathAttribution credits = denoising.at(point, Quadrature.midpoint(1));
    assertThat(credits.completenessError()).isLessThan(1e-12);
    LabelledArray estimated =
        AttributionPatching.denoising(model, PAIRS.clean(), PAIRS.corrupted(), PAIRS.metric())
            .run(PatchSweep.of(Activation.LN_FINAL_NORMALIZED, PatchAxis.POS));
    assertThat(credits.by(PatchAxis.POS).values())
        .containsExactly(estimated.values(), within(1e-12));
  }

  @Test
  void positionsWithTheSameTokensGetNoCreditAtTheEmbedding() {
    PathAttribution credits = denoising.at(HookPoint.of(Activation.EMBED), Quadrature.midpoint(2));
    LabelledArray byPosition = credits.by(PatchAxis.POS);
    for (int pos = 0; pos < byPosition.size(); pos++) {
      boolean same = true;
      for (int prompt = 0; prompt < PAIRS.clean().batch(); prompt++) {
        same &= PAIRS.clean().id(prompt, pos) == PAIRS.corrupted().id(prompt, pos);
      }
      assertThat(byPosition.value(pos) == 0).as("position " + pos).isEqualTo(same);
    }
  }

  @Test
  void creditsAreAddedUpByTheAxesThatAreNamed() {
    PathAttribution credits =
        denoising.at(HookPoint.of(Activation.Z, 1), Quadrature.gaussLegendre(4));
    LabelledArray byBoth = credits.by(PatchAxis.HEAD, PatchAxis.POS);
    assertThat(byBoth.shape()).containsExactly(4, 10);
    LabelledArray byHead = credits.by(PatchAxis.HEAD);
    for (int head = 0; head < 4; head++) {
      assertThat(byBoth.slice("head", head).stream().sum())
          .isEqualTo(byHead.value(head), within(1e-12));
    }
    assertThat(byHead.name())
        .isEqualTo("integrated gradients, denoising: blocks.1.attn.hook_z by head");
    assertThat(byHead.unit()).isEqualTo("change of the logit difference");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> credits.by(PatchAxis.DEST))
        .withMessageContaining("has no dest_pos to sweep over");
    assertThatIllegalArgumentException().isThrownBy(credits::by);
  }

  @Test
  void theTextStatesTheStepsAndTheCompletenessError() {
    PathAttribution credits =
        denoising.at(HookPoint.of(Activation.Z, 1), Quadrature.gaussLegendre(4));
    assertThat(credits.text())
        .startsWith(
            "integrated gradients of the logit difference at blocks.1.attn.hook_z, denoising,"
                + " 4 Gauss–Legendre steps\n")
        .contains("completeness error");
  }

  @Test
  void aPointTheModelHasNotIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> denoising.at(HookPoint.of(Activation.Z, 2), Quadrature.gaussLegendre(4)))
        .withMessage("layer 2 is out of range: tiny has layers 0 to 1");
  }
}
