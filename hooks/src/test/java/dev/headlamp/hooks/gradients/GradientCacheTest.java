package dev.headlamp.hooks.gradients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.LogitSelection;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.hooks.DifferentiableMetric;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.Metric;
import dev.headlamp.hooks.Metrics;
import dev.headlamp.hooks.References;
import dev.headlamp.weights.SafetensorsFile;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Gradients of a metric's mean, on the model and prompts of TransformerLens' gradients. */
class GradientCacheTest {

  private static final HookPoint Z0 = HookPoint.of(Activation.Z, 0);

  private static final Pairs PAIRS = Pairs.of("tiny");

  private static HookedGpt2 model;

  @BeforeAll
  static void load() throws IOException {
    model = HookedGpt2.load(Fixtures.model("tiny"), DataType.DOUBLE);
  }

  @AfterAll
  static void close() {
    model.close();
  }

  @Test
  void theGradientsAreTransformerLens() throws IOException {
    try (SafetensorsFile reference =
            SafetensorsFile.open(Fixtures.file("tiny", "gradients.safetensors"));
        GradientCache cache = GradientCache.of(model, PAIRS.corrupted(), PAIRS.metric())) {
      assertThat(References.tokens(reference, "tokens")).isEqualTo(cache.tokens());
      List<String> names =
          reference.names().stream().filter(name -> name.contains("hook_")).toList();
      assertThat(names).hasSize(26);
      for (String name : names) {
        double[] expected = References.doubles(reference, name);
        assertThat(References.largestDifference(expected, References.values(cache.get(name))))
            .as(name)
            .isLessThan(1e-5);
      }
    }
  }

  @Test
  void thePointsOfACacheWithoutFlagsAreKeptByDefault() {
    try (GradientCache cache = GradientCache.of(model, PAIRS.corrupted(), PAIRS.metric())) {
      assertThat(cache.points())
          .containsExactlyElementsOf(
              HookPoint.all(model.config()).stream()
                  .filter(point -> point.activation().cachedByDefault())
                  .toList());
      long elements = cache.points().stream().mapToLong(point -> cache.get(point).length()).sum();
      assertThat(cache.bytes()).isEqualTo(8 * elements);
    }
  }

  @Test
  void pointsAreChosenByNameOrByKind() {
    HookPoint last = HookPoint.of(Activation.LN_FINAL_NORMALIZED);
    try (GradientCache cache =
        GradientCache.of(model, PAIRS.corrupted(), PAIRS.metric(), last, Z0)) {
      assertThat(cache.points()).containsExactly(Z0, last);
      assertThat(cache.has(Z0)).isTrue();
      assertThat(cache.get("z0")).isSameAs(cache.get(Z0));
      assertThat(cache.has(HookPoint.of(Activation.Z, 1))).isFalse();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> cache.get("z1"))
          .withMessage(
              "the gradient at blocks.1.attn.hook_z is not in this cache of 2: name the point when"
                  + " the cache is made");
    }
    try (GradientCache cache =
        GradientCache.of(
            model,
            PAIRS.corrupted(),
            PAIRS.metric(),
            point -> point.activation() == Activation.RESULT)) {
      assertThat(cache.points()).hasSize(2);
    }
  }

  @Test
  void eachPromptHasTheGradientItHasAlone() {
    TokenBatch both = TokenBatch.of(new int[] {5, 17, 60, 3}, new int[] {66, 2});
    try (GradientCache together = GradientCache.of(model, both, Metrics.logProbability(8, 9), Z0)) {
      for (int prompt = 0; prompt < 2; prompt++) {
        TokenBatch own = TokenBatch.of(both.prompt(prompt));
        try (GradientCache alone =
            GradientCache.of(model, own, Metrics.logProbability(8 + prompt), Z0)) {
          INDArray row = together.perPrompt(Z0).slice(prompt);
          for (int pos = 0; pos < own.length(); pos++) {
            assertThat(References.values(row.slice(pos)))
                .containsExactly(
                    References.values(alone.get(Z0).slice(0).slice(pos)), within(1e-12));
          }
          assertThat(together.metric()[prompt]).isEqualTo(alone.meanMetric(), within(1e-12));
        }
      }
      assertThat(together.meanMetric())
          .isEqualTo((together.metric()[0] + together.metric()[1]) / 2, within(1e-12));
    }
  }

  /** Half the sum of squares: its derivative is the logits. */
  @Test
  void aMetricMayReturnTheLogitsThatItWasLentAsItsGradient() {
    DifferentiableMetric energy =
        DifferentiableMetric.of(
            Metric.of(
                "half the squared norm",
                LogitSelection.last(),
                (logits, tokens) -> References.values(logits.mul(logits).sum(1, 2).muli(0.5))),
            (logits, tokens) -> logits);
    HookPoint logits = HookPoint.of(Activation.UNEMBED_OUT);
    TokenBatch tokens = TokenBatch.of(new int[] {5, 17, 60});
    try (GradientCache cache = GradientCache.of(model, tokens, energy, logits);
        INDArray all = model.run(tokens)) {
      double[] last = References.values(all.slice(0).slice(2));
      assertThat(References.values(cache.get(logits).slice(0).slice(2)))
          .containsExactly(last, within(1e-12));
      assertThat(cache.get(logits).slice(0).slice(1).amaxNumber().doubleValue()).isZero();
      assertThat(cache.meanMetric())
          .isEqualTo(Arrays.stream(last).map(x -> x * x / 2).sum(), within(1e-9));
    }
  }

  @Test
  void whatTheModelHasNotIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                GradientCache.of(
                    model,
                    PAIRS.corrupted(),
                    PAIRS.metric(),
                    HookPoint.of(Activation.RESID_PRE, 2)))
        .withMessage("layer 2 is out of range: tiny has layers 0 to 1");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> GradientCache.of(model, PAIRS.corrupted(), PAIRS.metric(), point -> false))
        .withMessageContaining("at least one point");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GradientCache.of(model, PAIRS.corrupted(), Metrics.logit(101)))
        .withMessageContaining("token id 101 is out of range");
  }

  @Test
  void aClosedCacheAnswersNothing() {
    GradientCache cache = GradientCache.of(model, PAIRS.corrupted(), PAIRS.metric(), Z0);
    cache.close();
    cache.close();
    assertThat(cache.points()).isEmpty();
    assertThat(cache.bytes()).isZero();
    assertThatIllegalStateException()
        .isThrownBy(() -> cache.get(Z0))
        .withMessageContaining("closed");
  }
}
