package dev.headlamp.hooks;

import static dev.headlamp.hooks.References.largestDifference;
import static dev.headlamp.hooks.References.values;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.fixtures.Fixtures;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Each ready hook against what it is by definition. */
class InterventionsTest {

  private static final TokenBatch TOKENS =
      TokenBatch.of(new int[] {5, 17, 42}, new int[] {9, 9, 1});
  private static final TokenBatch OTHERS =
      TokenBatch.of(new int[] {80, 2, 61}, new int[] {7, 7, 30}, new int[] {4, 99, 50});

  private static HookedGpt2 model;

  private final HookRegistry hooks = model.newHooks();
  private CachedRun plain;
  private CachedRun others;

  @BeforeAll
  static void load() throws IOException {
    model = HookedGpt2.load(Fixtures.model("tiny"));
  }

  @AfterAll
  static void close() {
    model.close();
  }

  @BeforeEach
  void run() {
    plain = model.runWithCache(TOKENS, CacheSpec.everything());
    others = model.runWithCache(OTHERS, CacheSpec.everything());
  }

  @AfterEach
  void free() {
    plain.close();
    others.close();
  }

  /** Returns what a point holds with the hooks in force. */
  private double[] edited(String point) {
    try (CachedRun run = model.runWithCache(TOKENS, CacheSpec.everything(), hooks)) {
      return values(run.cache().get(point));
    }
  }

  private double[] unedited(String point) {
    return values(plain.cache().get(point));
  }

  @Test
  void withEveryHeadZeroedAttentionWritesItsBias() {
    hooks.add("z1", Interventions.zero());
    double[] bias = values(model.engine().weights().blocks().get(1).bO());
    double[] attnOut = edited("attn_out1");
    for (int i = 0; i < attnOut.length; i++) {
      assertThat(attnOut[i]).isEqualTo(bias[i % bias.length], within(1e-6));
    }
  }

  @Test
  void withOneHeadZeroedAttentionWritesThatMuchLess() {
    hooks.add("z1", Part.everything().heads(2), Interventions.zero());
    double[] attnOut = edited("attn_out1");
    INDArray result = plain.cache().get("result1");
    INDArray before = plain.cache().get("attn_out1");
    for (int pos = 0; pos < TOKENS.length(); pos++) {
      for (int i = 0; i < 32; i++) {
        assertThat(attnOut[(TOKENS.length() + pos) * 32 + i])
            .isEqualTo(before.getDouble(1, pos, i) - result.getDouble(1, pos, 2, i), within(1e-5));
      }
    }
  }

  @Test
  void theFirstResidualStreamOfAnotherRunGivesItsLogits() {
    TokenBatch source = TokenBatch.of(new int[] {80, 2, 61}, new int[] {7, 7, 30});
    try (CachedRun sourceRun = model.runWithCache(source, CacheSpec.defaults())) {
      hooks.add("resid_pre0", Interventions.replaceFrom(sourceRun.cache()));
      assertThat(largestDifference(values(sourceRun.logits()), edited("unembed.hook_out")))
          .isLessThanOrEqualTo(1e-6);
    }
  }

  @Test
  void replacingSomeHeadsAtSomePositionsTakesThoseFromTheOtherRun() {
    TokenBatch source = TokenBatch.of(new int[] {80, 2, 61}, new int[] {7, 7, 30});
    try (CachedRun sourceRun = model.runWithCache(source, CacheSpec.defaults())) {
      hooks.add(
          "q1", Part.everything().heads(3).at(0, 2), Interventions.replaceFrom(sourceRun.cache()));
      double[] from = values(sourceRun.cache().get("q1"));
      double[] into = unedited("q1");
      double[] after = edited("q1");
      for (int i = 0; i < after.length; i++) {
        boolean replaced = i / 8 % 4 == 3 && i / 32 % 3 != 1;
        assertThat(after[i]).isEqualTo(replaced ? from[i] : into[i]);
      }
    }
  }

  @Test
  void aCacheOfOtherPromptsOrPositionsIsRefused() {
    assertRefused(
        "z0", Part.everything(), Interventions.replaceFrom(others.cache()), "[3, 3, 4, 8]");
    CacheSpec someOf = CacheSpec.defaults().at(Positions.of(0, 1));
    try (CachedRun some = model.runWithCache(TOKENS, someOf);
        CachedRun someOthers =
            model.runWithCache(OTHERS, CacheSpec.defaults().at(Positions.last()))) {
      Part first = Part.everything().at(0);
      assertRefused("z0", first, Interventions.replaceFrom(some.cache()), "[2, 2, 4, 8]");
      assertRefused("pattern0", first, Interventions.replaceFrom(some.cache()), "[2, 4, 2, 3]");
      assertRefused("z0", first, Interventions.meanOverPrompts(someOthers.cache()), "[2, 1, 4, 8]");
    }
  }

  private void assertRefused(String point, Part part, Hook hook, String shape) {
    try (var registered = hooks.add(point, part, hook)) {
      assertThat(registered).isNotNull();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> model.run(TOKENS, hooks))
          .withMessageContaining(HookPoint.parse(point, model.config()).name())
          .withMessageContaining("for 2 prompts of 3 positions here")
          .withMessageContaining(shape);
    }
  }

  @Test
  void theMeanOverPromptsIsThatOfEachPosition() {
    hooks.add("post0", Interventions.meanOverPrompts(others.cache()));
    INDArray reference = others.cache().get("post0");
    double[] after = edited("post0");
    for (int i = 0; i < after.length; i++) {
      int pos = i / 128 % 3;
      double mean = 0;
      for (int prompt = 0; prompt < 3; prompt++) {
        mean += reference.getDouble(prompt, pos, i % 128) / 3;
      }
      assertThat(after[i]).isEqualTo(mean, within(1e-6));
    }
  }

  @Test
  void theMeanOfAPatternOverPromptsIsAPattern() {
    hooks.add(
        "pattern1", Part.everything().heads(1), Interventions.meanOverPrompts(others.cache()));
    INDArray reference = others.cache().get("pattern1");
    double[] after = edited("pattern1");
    double[] before = unedited("pattern1");
    for (int i = 0; i < after.length; i++) {
      int head = i / 9 % 4;
      double mean = 0;
      for (int prompt = 0; prompt < 3; prompt++) {
        mean += reference.getDouble(prompt, head, i / 3 % 3, i % 3) / 3;
      }
      assertThat(after[i]).isEqualTo(head == 1 ? mean : before[i], within(1e-6));
    }
  }

  @Test
  void theMeanOverPromptsAndPositionsIsOneForAll() {
    hooks.add(
        "z0",
        Part.everything().heads(2).at(1),
        Interventions.meanOverPromptsAndPositions(others.cache()));
    double[] reference = values(others.cache().get("z0"));
    double[] after = edited("z0");
    double[] before = unedited("z0");
    for (int i = 0; i < after.length; i++) {
      int inPosition = i % 32;
      boolean replaced = inPosition / 8 == 2 && i / 32 % 3 == 1;
      double mean = 0;
      for (int at = 0; at < 9; at++) {
        mean += reference[at * 32 + inPosition] / 9;
      }
      assertThat(after[i]).isEqualTo(replaced ? mean : before[i], within(1e-6));
    }
  }

  @Test
  void aMeanThatWouldMixWhatDoesNotBelongTogetherIsRefused() {
    hooks.add("pattern0", Interventions.meanOverPromptsAndPositions(others.cache()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.run(TOKENS, hooks))
        .withMessageContaining("blocks.0.attn.hook_pattern has no position axis");

    TokenBatch padded = TokenBatch.of(new int[] {1, 2, 3}, new int[] {4});
    try (CachedRun run = model.runWithCache(padded, CacheSpec.defaults())) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Interventions.meanOverPrompts(run.cache()))
          .withMessageContaining("padding");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Interventions.meanOverPromptsAndPositions(run.cache()))
          .withMessageContaining("padding");
    }
  }

  @Test
  void steeringAddsExactlyTheVectorAtThePositions() {
    float[] direction = new float[32];
    for (int i = 0; i < direction.length; i++) {
      direction[i] = i * 0.37f - 4;
    }
    try (INDArray vector = Nd4j.createFromArray(direction)) {
      hooks.add("resid_post0", Part.everything().at(Positions.last()), Interventions.add(vector));
      double[] before = unedited("resid_post0");
      double[] after = edited("resid_post0");
      for (int i = 0; i < after.length; i++) {
        boolean last = i / 32 % 3 == 2;
        assertThat(after[i]).isEqualTo(last ? (float) before[i] + direction[i % 32] : before[i]);
      }
    }
  }

  @Test
  void steeringTakesAVectorOfAnyFloatingTypeAndOfTheRightLengthOnly() {
    hooks.add(
        "z0", Part.everything().neurons(7, 3), Interventions.add(Nd4j.createFromArray(1.0, 2.0)));
    double[] before = unedited("z0");
    double[] after = edited("z0");
    for (int i = 0; i < after.length; i++) {
      float added = i % 8 == 7 ? 1 : i % 8 == 3 ? 2 : 0;
      assertThat(after[i]).isEqualTo((float) before[i] + added);
    }
    hooks.add("resid_post0", Interventions.add(Nd4j.zeros(DataType.FLOAT, 31)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.run(TOKENS, hooks))
        .withMessage(
            "a vector of 31 entries cannot be added to blocks.0.hook_resid_post, whose last axis has 32");
  }

  @Test
  void scalingMultipliesNeurons() {
    hooks.add("post1", Part.everything().neurons(0, 64), Interventions.scale(-2.5));
    double[] before = unedited("post1");
    double[] after = edited("post1");
    for (int i = 0; i < after.length; i++) {
      boolean scaled = i % 128 == 0 || i % 128 == 64;
      assertThat(after[i]).isEqualTo(scaled ? (float) before[i] * -2.5f : before[i]);
    }
  }

  /** ND4J multiplies by 1e-5 when it is asked to multiply by NaN. */
  @Test
  void aFactorThatIsNoNumberIsRefused() {
    for (double factor : new double[] {Double.NaN, Double.NEGATIVE_INFINITY}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Interventions.scale(factor))
          .withMessageContaining(Double.toString(factor));
    }
  }

  @Test
  void oneSeedGivesOneNoise() {
    hooks.add("resid_pre0", Interventions.noise(0.5, 1));
    double[] first = edited("resid_pre0");
    assertThat(edited("resid_pre0")).containsExactly(first);
    hooks.close();
    hooks.add("resid_pre0", Interventions.noise(0.5, 2));
    assertThat(edited("resid_pre0")).isNotEqualTo(first);
  }

  @Test
  void noiseHasTheStandardDeviationItWasAskedFor() {
    int count = 200_000;
    double[] noise = noise(3, 7, "resid_pre0", count);
    double mean = Arrays.stream(noise).average().orElseThrow();
    double variance = Arrays.stream(noise).map(x -> (x - mean) * (x - mean)).sum() / count;
    // Five standard errors: sigma/sqrt(n) of a mean, sigma/sqrt(2n) of a standard deviation.
    assertThat(mean).isEqualTo(0, within(5 * 3 / Math.sqrt(count)));
    assertThat(Math.sqrt(variance)).isEqualTo(3, within(5 * 3 / Math.sqrt(2.0 * count)));
    long beyondTwo = Arrays.stream(noise).filter(x -> Math.abs(x) > 2 * 3).count();
    assertThat(beyondTwo / (double) count).isEqualTo(0.0455, within(0.0025));
  }

  @Test
  void noiseOfNeighbouringSeedsAndPointsIsUnrelated() {
    int seeds = 2000;
    double[] firsts = new double[seeds];
    Arrays.setAll(firsts, seed -> noise(1, seed, "resid_pre0", 1)[0]);
    double mean = Arrays.stream(firsts).average().orElseThrow();
    double variance = Arrays.stream(firsts).map(x -> (x - mean) * (x - mean)).sum() / seeds;
    assertThat(mean).isEqualTo(0, within(5 / Math.sqrt(seeds)));
    assertThat(variance).isEqualTo(1, within(5 * Math.sqrt(2.0 / seeds)));
    assertThat(noise(1, 0, "resid_pre0", 4)).isNotEqualTo(noise(1, 0, "resid_pre1", 4));
  }

  /** Returns what is added to {@code count} zeros. */
  private static double[] noise(double deviation, long seed, String point, int count) {
    HookContext context =
        new HookContext(HookPoint.parse(point, model.config()), Part.everything(), TOKENS, 0);
    try (INDArray zeros = Nd4j.zeros(DataType.DOUBLE, 1, 1, count);
        INDArray noisy = Interventions.noise(deviation, seed).apply(zeros, context)) {
      return values(noisy);
    }
  }

  @Test
  void aDeviationThatIsNoneIsRefused() {
    for (double deviation : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Interventions.noise(deviation, 0))
          .withMessageContaining(Double.toString(deviation));
    }
  }
}
