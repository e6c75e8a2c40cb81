package dev.headlamp.hooks.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.engine.WeightProcessing;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.Hook;
import dev.headlamp.hooks.HookRegistry;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.Interventions;
import dev.headlamp.hooks.Part;
import dev.headlamp.hooks.Positions;
import dev.headlamp.hooks.ablation.Ablations;
import dev.headlamp.hooks.ablation.ReferenceSet;
import dev.headlamp.tokenizer.Bos;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Recipes do what the same hooks do, and do it again when they are read from a file. */
class RecipeTest {

  private static final TokenBatch TOKENS =
      TokenBatch.of(new int[] {5, 17, 42}, new int[] {9, 9, 1});
  private static final TokenBatch OTHERS =
      TokenBatch.of(new int[] {80, 2, 61}, new int[] {7, 7, 30});
  private static final HookPoint Z = HookPoint.of(Activation.Z, 1);
  private static final Part SOME = Part.everything().heads(1, 3).at(2);

  private static HookedGpt2 model;

  @BeforeAll
  static void load() throws IOException {
    model = HookedGpt2.load(Fixtures.model("tiny"));
  }

  @AfterAll
  static void close() {
    model.close();
  }

  private static float[] direction() {
    float[] direction = new float[32];
    for (int i = 0; i < direction.length; i++) {
      direction[i] = 0.1f * i - 1;
    }
    return direction;
  }

  private static StoredArray stored(float[] values, long... shape) {
    try (INDArray array = Nd4j.createFromArray(values)) {
      return StoredArray.of(shape.length == 1 ? array : array.reshape('c', shape));
    }
  }

  /** Returns what z of layer 1 holds in a run of the others. */
  private static StoredArray zOfOthers() {
    try (CachedRun run = model.runWithCache(OTHERS, CacheSpec.of(Z))) {
      return StoredArray.of(run.cache().get(Z));
    }
  }

  /** A step of every kind, with parts and sources of every kind. */
  private static List<Step> everyKind() {
    HookPoint resid = HookPoint.of(Activation.RESID_PRE, 1);
    HookPoint scores = HookPoint.of(Activation.ATTN_SCORES, 0);
    Source others = Source.Tokens.of(OTHERS);
    return List.of(
        new Step(HookPoint.of(Activation.Z, 0), Part.everything().heads(2), new Action.Zero()),
        new Step(Z, SOME, new Action.Mean(others, Action.Mean.Over.PROMPTS)),
        new Step(
            HookPoint.of(Activation.MLP_OUT, 0),
            Part.everything().at(Positions.last()),
            new Action.Mean(others, Action.Mean.Over.PROMPTS_AND_POSITIONS)),
        new Step(
            HookPoint.of(Activation.Q, 1),
            Part.everything().heads(0).at(Positions.perPrompt(new int[][] {{1}, {2}})),
            new Action.Replace(others)),
        new Step(Z, Part.everything().heads(2), new Action.Replace(zOfOthers())),
        new Step(resid, Part.everything(), new Action.Add(stored(direction(), 32))),
        new Step(
            HookPoint.of(Activation.MLP_POST, 1),
            Part.everything().neurons(0, 127),
            new Action.Scale(-1.0 / 3)),
        new Step(
            HookPoint.of(Activation.EMBED),
            Part.everything(),
            new Action.Noise(0.1, Long.MAX_VALUE - 1)),
        new Step(scores, Part.everything().heads(1).at(1, 2).sources(0), new Action.KnockOut()));
  }

  private static double[] logits(HookedGpt2 model, List<Step> steps) {
    return logits(model, Recipe.of(model, steps));
  }

  private static double[] logits(HookedGpt2 model, Recipe recipe) {
    try (AppliedRecipe applied = recipe.applyTo(model);
        INDArray logits = model.run(TOKENS, applied.hooks())) {
      return logits.data().asDouble();
    }
  }

  private static double[] logits(HookPoint point, Part part, Hook hook) {
    try (HookRegistry hooks = model.newHooks()) {
      hooks.add(point, part, hook);
      try (INDArray logits = model.run(TOKENS, hooks)) {
        return logits.data().asDouble();
      }
    }
  }

  @Test
  void whatIsWrittenAndReadInAFreshModelGivesTheSameNumbersBitByBit(@TempDir Path folder)
      throws IOException {
    Path file = folder.resolve("every kind.json");
    Recipe recipe = Recipe.of(model, everyKind());
    recipe.write(file);
    double[] before = logits(model, recipe);
    Recipe read = Recipe.read(file);
    assertThat(read).isEqualTo(recipe);
    try (HookedGpt2 fresh = HookedGpt2.load(Fixtures.model("tiny"))) {
      assertThat(logits(fresh, read)).isEqualTo(before);
    }
    assertThat(folder)
        .isDirectoryContaining("glob:**every kind.json")
        .isDirectoryContaining("glob:**every kind.arrays.safetensors");
  }

  @Test
  void everyStepMatters() {
    List<Step> all = everyKind();
    double[] before = logits(model, all);
    for (Step left : all) {
      List<Step> others = new ArrayList<>(all);
      others.remove(left);
      assertThat(Arrays.equals(logits(model, others), before)).as(left.toString()).isFalse();
    }
  }

  @Test
  void textsAreRunAsTheirTokensAre(@TempDir Path folder) throws IOException {
    List<String> texts = List.of("When Mary and John went", "Then Tom and Ann left");
    try (HookedGpt2 demo = HookedGpt2.load(Fixtures.model("ioi-demo"))) {
      HookPoint z = HookPoint.of(Activation.Z, 0);
      Part head = Part.everything().heads(2);
      for (Bos bos : Bos.values()) {
        TokenBatch run = demo.toTokens(texts, bos);
        Action byTexts =
            new Action.Mean(new Source.Texts(texts, bos), Action.Mean.Over.PROMPTS_AND_POSITIONS);
        Action byTokens =
            new Action.Mean(Source.Tokens.of(run), Action.Mean.Over.PROMPTS_AND_POSITIONS);
        Path file = folder.resolve(bos + ".json");
        Recipe.of(demo, List.of(new Step(z, head, byTexts))).write(file);
        double[] again = logits(demo, Recipe.read(file));
        assertThat(again).isEqualTo(logits(demo, List.of(new Step(z, head, byTokens))));
        assertThat(again).isNotEqualTo(logits(demo, List.of()));
      }
    }
  }

  @Test
  void stepsAreTheHooksOfTheSameName() {
    try (CachedRun others = model.runWithCache(OTHERS, CacheSpec.defaults());
        INDArray vector = Nd4j.createFromArray(new float[] {1, 2, 3, 4, 5, 6, 7, 8})) {
      Source source = Source.Tokens.of(OTHERS);
      ReferenceSet reference = ReferenceSet.of(others.cache());
      assertSame(new Action.Zero(), Interventions.zero());
      assertSame(
          new Action.Mean(source, Action.Mean.Over.PROMPTS), Ablations.meanPerPosition(reference));
      assertSame(
          new Action.Mean(source, Action.Mean.Over.PROMPTS_AND_POSITIONS),
          Ablations.meanOverPositions(reference));
      assertSame(new Action.Replace(source), Interventions.replaceFrom(others.cache()));
      assertSame(new Action.Replace(zOfOthers()), Interventions.replaceFrom(others.cache()));
      assertSame(new Action.Add(StoredArray.of(vector)), Interventions.add(vector));
      assertSame(new Action.Scale(3.5), Interventions.scale(3.5));
      assertSame(new Action.Noise(0.5, 9), Interventions.noise(0.5, 9));
    }
  }

  private static void assertSame(Action action, Hook hook) {
    assertThat(logits(model, List.of(new Step(Z, SOME, action)))).isEqualTo(logits(Z, SOME, hook));
  }

  @Test
  void anAxisOfLengthOneServesAllPromptsOrAllPositions() {
    float[] one = Arrays.copyOf(direction(), 32);
    float[] everywhere = new float[2 * 3 * 32];
    for (int i = 0; i < everywhere.length; i++) {
      everywhere[i] = one[i % 32];
    }
    double[] whole = replaced(stored(everywhere, 2, 3, 4, 8));
    assertThat(replaced(stored(one, 1, 1, 4, 8))).isEqualTo(whole);
    assertThat(replaced(stored(Arrays.copyOf(everywhere, 96), 1, 3, 4, 8))).isEqualTo(whole);
    assertThat(replaced(stored(Arrays.copyOf(everywhere, 64), 2, 1, 4, 8))).isEqualTo(whole);
  }

  private static double[] replaced(StoredArray array) {
    return logits(model, List.of(new Step(Z, SOME, new Action.Replace(array))));
  }

  @Test
  void aStoredArrayThatDoesNotFitIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> replaced(stored(new float[3 * 3 * 32], 3, 3, 4, 8)))
        .withMessageContaining("cannot stand for blocks.1.attn.hook_z in a run of 2 prompts of 3");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> replaced(stored(new float[2 * 3 * 32], 2, 3, 8, 4)))
        .withMessageContaining("which holds [batch, pos, head, d_head]");
    assertThatIllegalArgumentException().isThrownBy(() -> replaced(stored(direction(), 32)));
    TokenBatch padded = TokenBatch.of(new int[] {1, 2, 3}, new int[] {4});
    Recipe recipe = Recipe.of(model, List.of(new Step(Z, SOME, new Action.Replace(zOfOthers()))));
    try (AppliedRecipe applied = recipe.applyTo(model)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> model.run(padded, applied.hooks()))
          .withMessageContaining("padded prompts");
    }
    try (INDArray integers = Nd4j.createFromArray(1, 2)) {
      assertThatIllegalArgumentException().isThrownBy(() -> StoredArray.of(integers));
    }
  }

  @Test
  void anotherModelIsRefused() throws IOException {
    Recipe recipe = Recipe.of(model, everyKind());
    try (HookedGpt2 demo = HookedGpt2.load(Fixtures.model("ioi-demo"));
        HookedGpt2 processed =
            HookedGpt2.load(
                Fixtures.model("tiny"), DataType.FLOAT, WeightProcessing.transformerLens())) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> recipe.applyTo(demo))
          .withMessageStartingWith("the recipe was made for tiny (2 layers, 4 heads, d_model 32")
          .withMessageContaining("not for ioi-demo (4 layers, 8 heads, d_model 128");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> recipe.applyTo(processed))
          .withMessageContaining("made for weights processed by none");
    }
  }

  @Test
  void whatTheModelHasNotIsRefusedBeforeAnythingRuns() {
    Source wrongToken = new Source.Tokens(List.of(List.of(101)));
    Step wrongHead =
        new Step(
            Z, Part.everything().heads(4), new Action.Mean(wrongToken, Action.Mean.Over.PROMPTS));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Recipe.of(model, List.of(wrongHead)).applyTo(model))
        .withMessage("head 4 is out of range: tiny has heads 0 to 3");
    Step noTokenizer =
        new Step(Z, SOME, new Action.Replace(new Source.Texts(List.of("a"), Bos.NONE)));
    assertThatIllegalStateException()
        .isThrownBy(() -> Recipe.of(model, List.of(noTokenizer)).applyTo(model))
        .withMessageContaining("tiny has no tokenizer");
  }

  @Test
  void whatMakesNoSenseIsNoStep() {
    Part part = Part.everything();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Step(Z, part, new Action.KnockOut()))
        .withMessageContaining("attention is knocked out at attn_scores");
    HookPoint scores = HookPoint.of(Activation.ATTN_SCORES, 0);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Step(scores, part, new Action.KnockOut()))
        .withMessageContaining("names the sources");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Step(scores, part, new Action.Replace(zOfOthers())))
        .withMessageContaining("has no pos axis");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Action.Mean(zOfOthers(), Action.Mean.Over.PROMPTS));
    assertThatIllegalArgumentException().isThrownBy(() -> new Action.Add(zOfOthers()));
    assertThatIllegalArgumentException().isThrownBy(() -> new Action.Scale(Double.NaN));
    assertThatIllegalArgumentException().isThrownBy(() -> new Action.Noise(-1, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> new Source.Tokens(List.of()));
  }

  @Test
  void aClosedRecipeHasNoHooks() {
    AppliedRecipe applied = Recipe.of(model, everyKind()).applyTo(model);
    assertThat(applied.hooks().size()).isEqualTo(9);
    applied.close();
    applied.close();
    assertThat(applied.hooks().size()).isZero();
  }

  @Test
  void attentionThatIsCutGoesToTheOtherSources() {
    HookPoint scores = HookPoint.of(Activation.ATTN_SCORES, 0);
    Part rows = Part.everything().heads(1).at(1, 2);
    try (CachedRun plain = model.runWithCache(TOKENS, CacheSpec.of(Activation.PATTERN));
        HookRegistry hooks = model.newHooks()) {
      hooks.add(scores, rows, Ablations.cutAttention(0));
      INDArray before = plain.cache().get("pattern0");
      try (CachedRun cut = model.runWithCache(TOKENS, CacheSpec.of(Activation.PATTERN), hooks)) {
        INDArray after = cut.cache().get("pattern0");
        for (int head = 0; head < 4; head++) {
          for (int dest = 0; dest < 3; dest++) {
            double rest = 1 - before.getDouble(1, head, dest, 0);
            for (int src = 0; src < 3; src++) {
              double own = before.getDouble(1, head, dest, src);
              boolean isCut = head == 1 && dest > 0;
              double expected = !isCut ? own : src == 0 ? 0 : own / rest;
              assertThat(after.getDouble(1, head, dest, src)).isCloseTo(expected, within(1e-6));
            }
          }
        }
      }
    }
  }

  @Test
  void attentionThatCannotBeCutIsRefused() {
    Part first = Part.everything().heads(2).at(0, 1);
    assertCutRefused(first, 0, "position 0 of prompt 0 would attend to nothing");
    assertCutRefused(Part.everything(), 3, "source position 3 is out of range");
    assertThatIllegalArgumentException().isThrownBy(Ablations::cutAttention);
  }

  private static void assertCutRefused(Part part, int source, String message) {
    HookPoint scores = HookPoint.of(Activation.ATTN_SCORES, 0);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> logits(scores, part, Ablations.cutAttention(source)))
        .withMessageStartingWith(message);
  }
}
