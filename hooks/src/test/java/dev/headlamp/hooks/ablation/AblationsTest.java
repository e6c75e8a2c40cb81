package dev.headlamp.hooks.ablation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.GenerationSpec;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.Hook;
import dev.headlamp.hooks.HookRegistry;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.Interventions;
import dev.headlamp.hooks.Part;
import dev.headlamp.hooks.Positions;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Each ablation against runs of single prompts, which know nothing of padding or groups. */
class AblationsTest {

  private static final double EXACT = 1e-12;
  private static final int WIDTH = 4 * 8;

  /** Two templates: prompts of 3 and of 5 tokens. */
  private static final List<int[]> REFERENCE =
      List.of(
          new int[] {80, 2, 61},
          new int[] {7, 7, 30, 4, 12},
          new int[] {4, 99, 50},
          new int[] {6, 1, 33, 90, 2});

  private static final int[] GROUPS = {30, 50, 30, 50};

  private static final List<int[]> PROMPTS =
      List.of(new int[] {5, 17, 42, 8, 9}, new int[] {9, 9, 1});

  private static final int[] PROMPT_GROUPS = {50, 30};

  private static HookedGpt2 model;

  private HookRegistry hooks;

  @BeforeAll
  static void load() throws IOException {
    model = HookedGpt2.load(Fixtures.model("tiny"), DataType.DOUBLE);
  }

  @AfterAll
  static void close() {
    model.close();
  }

  @BeforeEach
  void newHooks() {
    hooks = model.newHooks();
  }

  @AfterEach
  void closeHooks() {
    hooks.close();
  }

  /** Returns what z of layer 1 holds at one token of a prompt that is run alone. */
  private static double[] alone(int[] prompt, int pos) {
    try (CachedRun run = model.runWithCache(TokenBatch.of(prompt), CacheSpec.of(Activation.Z))) {
      return at(run.cache().get("z1"), 0, pos);
    }
  }

  private static double[] at(INDArray z, int prompt, int pos) {
    return z.slice(prompt).slice(pos).dup('c').data().asDouble();
  }

  /** Returns z of layer 1 in a run of the prompts with the hooks in force. */
  private double[] ablated(TokenBatch tokens, int prompt, int pos) {
    try (CachedRun run = model.runWithCache(tokens, CacheSpec.of(Activation.Z), hooks)) {
      return at(run.cache().get("z1"), prompt, pos);
    }
  }

  private static double[] mean(double[]... rows) {
    double[] mean = new double[rows[0].length];
    Arrays.setAll(
        mean, i -> Arrays.stream(rows).mapToDouble(row -> row[i]).average().orElseThrow());
    return mean;
  }

  private static TokenBatch padded(List<int[]> prompts, TokenBatch.Padding side) {
    return TokenBatch.padded(prompts, side, 3);
  }

  private static CachedRun runReference(TokenBatch.Padding side) {
    return model.runWithCache(padded(REFERENCE, side), CacheSpec.defaults());
  }

  @ParameterizedTest
  @EnumSource
  void aMeanWithinGroupsIsThatOfTheGroupsPromptsTokenByToken(TokenBatch.Padding side) {
    TokenBatch tokens = padded(PROMPTS, side);
    try (CachedRun reference = runReference(TokenBatch.Padding.RIGHT)) {
      ReferenceSet within = ReferenceSet.of(reference.cache()).withinGroups(GROUPS, PROMPT_GROUPS);
      hooks.add("z1", Ablations.meanPerPosition(within));
      for (int prompt = 0; prompt < PROMPTS.size(); prompt++) {
        for (int i = 0; i < PROMPTS.get(prompt).length; i++) {
          double[] expected =
              mean(alone(REFERENCE.get(1 - prompt), i), alone(REFERENCE.get(3 - prompt), i));
          assertThat(ablated(tokens, prompt, tokens.firstPos(prompt) + i))
              .containsExactly(expected, within(EXACT));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aMeanPerPositionIsOverThosePromptsThatHaveTheToken(TokenBatch.Padding side) {
    TokenBatch tokens = TokenBatch.of(PROMPTS.get(0));
    try (CachedRun reference = runReference(side)) {
      hooks.add("z1", Ablations.meanPerPosition(ReferenceSet.of(reference.cache())));
      double[] ofAll =
          mean(REFERENCE.stream().map(prompt -> alone(prompt, 2)).toArray(double[][]::new));
      double[] ofTheLong = mean(alone(REFERENCE.get(1), 3), alone(REFERENCE.get(3), 3));
      assertThat(ablated(tokens, 0, 2)).containsExactly(ofAll, within(EXACT));
      assertThat(ablated(tokens, 0, 3)).containsExactly(ofTheLong, within(EXACT));
    }
  }

  @ParameterizedTest
  @EnumSource
  void alignedAtTheEndTheLastTokenGetsTheMeanOfLastTokens(TokenBatch.Padding side) {
    TokenBatch tokens = padded(PROMPTS, side);
    try (CachedRun reference = runReference(side)) {
      ReferenceSet atTheEnd = ReferenceSet.of(reference.cache()).alignedAtEnd();
      hooks.add("z1", Part.everything().at(Positions.last()), Ablations.meanPerPosition(atTheEnd));
      double[] expected =
          mean(
              REFERENCE.stream()
                  .map(prompt -> alone(prompt, prompt.length - 1))
                  .toArray(double[][]::new));
      for (int prompt = 0; prompt < 2; prompt++) {
        assertThat(ablated(tokens, prompt, tokens.lastPos(prompt)))
            .containsExactly(expected, within(EXACT));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aMeanOverPositionsLeavesPaddingOut(TokenBatch.Padding side) {
    double[] expected =
        mean(
            REFERENCE.stream()
                .flatMap(p -> IntStream.range(0, p.length).mapToObj(pos -> alone(p, pos)))
                .toArray(double[][]::new));
    TokenBatch tokens = padded(PROMPTS, side);
    try (CachedRun reference = runReference(side)) {
      hooks.add(
          "z1",
          Part.everything().heads(2),
          Ablations.meanOverPositions(ReferenceSet.of(reference.cache())));
      double[] own = alone(PROMPTS.get(1), 2);
      double[] after = ablated(tokens, 1, tokens.lastPos(1));
      for (int i = 0; i < WIDTH; i++) {
        assertThat(after[i]).isCloseTo(i / 8 == 2 ? expected[i] : own[i], within(EXACT));
      }
    }
  }

  @Test
  void theMeanOfZAndTheMeanOfResultAreOneAblation() {
    TokenBatch tokens = padded(PROMPTS, TokenBatch.Padding.RIGHT);
    CacheSpec both = CacheSpec.of(Activation.Z, Activation.RESULT);
    try (CachedRun reference =
        model.runWithCache(padded(REFERENCE, TokenBatch.Padding.RIGHT), both)) {
      Hook mean = Ablations.meanPerPosition(ReferenceSet.of(reference.cache()));
      double[] byZ = logits(tokens, Activation.Z, mean);
      assertThat(logits(tokens, Activation.RESULT, mean)).containsExactly(byZ, within(1e-10));
      assertThat(logits(tokens, Activation.Z, Interventions.scale(1))).isNotEqualTo(byZ);
    }
  }

  private static double[] logits(TokenBatch tokens, Activation activation, Hook ablation) {
    try (HookRegistry hooks = model.newHooks()) {
      AblationTarget.together(
              "two heads",
              List.of(
                  AblationTarget.heads(model.config(), activation).get(1),
                  AblationTarget.heads(model.config(), activation).get(3)))
          .register(ablation, hooks);
      return model.run(tokens, hooks).slice(0).dup('c').data().asDouble();
    }
  }

  @Test
  void resamplingGivesEachPromptAnothersValues() {
    TokenBatch tokens = padded(PROMPTS, TokenBatch.Padding.LEFT);
    try (CachedRun reference = runReference(TokenBatch.Padding.RIGHT)) {
      boolean[] drawn = new boolean[REFERENCE.size()];
      for (long seed = 0; seed < 20; seed++) {
        Resampling resampling = new Resampling(ReferenceSet.of(reference.cache()), seed);
        int[] donors = resampling.donors(tokens);
        assertThat(resampling.donors(tokens)).isEqualTo(donors);
        hooks.close();
        hooks.add("z1", resampling);
        for (int prompt = 0; prompt < 2; prompt++) {
          drawn[donors[prompt]] = true;
          int[] donor = REFERENCE.get(donors[prompt]);
          assertThat(donor).hasSameSizeAs(PROMPTS.get(prompt));
          for (int i = 0; i < donor.length; i++) {
            assertThat(ablated(tokens, prompt, tokens.firstPos(prompt) + i))
                .containsExactly(alone(donor, i), within(EXACT));
          }
        }
      }
      assertThat(drawn).containsOnly(true);
    }
  }

  @Test
  void resamplingFromThePromptsThemselvesNeverGivesThemTheirOwn() {
    TokenBatch tokens = padded(REFERENCE, TokenBatch.Padding.RIGHT);
    try (CachedRun reference = runReference(TokenBatch.Padding.RIGHT)) {
      for (long seed = 0; seed < 10; seed++) {
        assertThat(new Resampling(ReferenceSet.of(reference.cache()), seed).donors(tokens))
            .containsExactly(2, 3, 0, 1);
      }
      hooks.add(
          "z1",
          Ablations.resample(
              ReferenceSet.of(reference.cache())
                  .withinGroups(new int[] {0, 1, 2, 3}, new int[] {0, 1, 2, 3}),
              1));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> model.run(tokens, hooks))
          .withMessage(
              "prompt 0 has nothing to resample from: no other reference prompt of its group (0) has 3 tokens");
    }
  }

  @Test
  void aHeadIsAblatedEverywhereButAtThePositionsKeptForEachPrompt() {
    TokenBatch tokens = padded(PROMPTS, TokenBatch.Padding.RIGHT);
    int[][] kept = {{1, 4, 1}, {}};
    hooks.add("z1", Part.everything().heads(2), Ablations.exceptAt(Ablations.zero(), kept));
    for (int prompt = 0; prompt < 2; prompt++) {
      for (int pos = 0; pos < PROMPTS.get(prompt).length; pos++) {
        double[] own = alone(PROMPTS.get(prompt), pos);
        double[] after = ablated(tokens, prompt, pos);
        boolean keeps = prompt == 0 && (pos == 1 || pos == 4);
        for (int i = 0; i < WIDTH; i++) {
          assertThat(after[i]).isCloseTo(i / 8 == 2 && !keeps ? 0 : own[i], within(EXACT));
        }
      }
    }
  }

  @Test
  void ofAPatternRowsAreKept() {
    TokenBatch tokens = TokenBatch.of(PROMPTS.get(0));
    hooks.add("pattern0", Ablations.exceptAt(Ablations.zero(), new int[][] {{3}}));
    try (CachedRun plain = model.runWithCache(tokens, CacheSpec.of(Activation.PATTERN));
        CachedRun run = model.runWithCache(tokens, CacheSpec.of(Activation.PATTERN), hooks)) {
      INDArray before = plain.cache().get("pattern0");
      INDArray after = run.cache().get("pattern0");
      for (int head = 0; head < 4; head++) {
        for (int dest = 0; dest < 5; dest++) {
          for (int src = 0; src < 5; src++) {
            assertThat(after.getDouble(0, head, dest, src))
                .isEqualTo(dest == 3 ? before.getDouble(0, head, dest, src) : 0);
          }
        }
      }
    }
  }

  @Test
  void whatTheReferenceDoesNotHoldIsRefused() {
    TokenBatch tokens = padded(PROMPTS, TokenBatch.Padding.RIGHT);
    TokenBatch threeTokens = TokenBatch.of(REFERENCE.get(0));
    CacheSpec last = CacheSpec.of(Activation.Z).at(Positions.last());
    try (CachedRun reference = model.runWithCache(threeTokens, CacheSpec.defaults());
        CachedRun ends = model.runWithCache(threeTokens, last)) {
      ReferenceSet set = ReferenceSet.of(reference.cache());
      assertRefused(
          tokens,
          "z1",
          Ablations.meanPerPosition(set),
          "prompt 0 at position 3, 3 tokens behind its first, has no mean:"
              + " no reference prompt has a token there");
      assertRefused(
          tokens,
          "z1",
          Ablations.meanOverPositions(set.withinGroups(new int[] {7}, new int[] {7, 8})),
          "prompt 1 at position 0 has no mean: no reference prompt of its group (8)");
      assertRefused(
          tokens,
          "z1",
          Ablations.resample(set.withinGroups(new int[] {7}, new int[] {7, 7, 7}), 0),
          "groups are given for 3 prompts, the batch has 2");
      assertRefused(tokens, "pattern1", Ablations.meanPerPosition(set), "has no pos axis");
      assertRefused(tokens, "result1", Ablations.meanPerPosition(set), "is not in this cache");
      assertRefused(
          tokens,
          "z1",
          Ablations.meanOverPositions(ReferenceSet.of(ends.cache())),
          "it has 1 of 3");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> set.withinGroups(new int[2], new int[2]))
          .withMessage("groups are given for 2 reference prompts, the reference has 1");
    }
  }

  @Test
  void aMissingMeanDoesNotMatterWhereNothingIsAblated() {
    TokenBatch tokens = TokenBatch.of(PROMPTS.get(0));
    try (CachedRun reference =
        model.runWithCache(TokenBatch.of(REFERENCE.get(0)), CacheSpec.of(Activation.Z))) {
      hooks.add(
          "z1",
          Part.everything().at(1),
          Ablations.meanPerPosition(ReferenceSet.of(reference.cache())));
      assertThat(ablated(tokens, 0, 1)).containsExactly(alone(REFERENCE.get(0), 1), within(EXACT));
      assertThat(ablated(tokens, 0, 4)).containsExactly(alone(PROMPTS.get(0), 4), within(EXACT));
    }
  }

  private void assertRefused(TokenBatch tokens, String point, Hook ablation, String message) {
    try (var registered = hooks.add(point, ablation)) {
      assertThat(registered).isNotNull();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> model.run(tokens, hooks))
          .withMessageContaining(message);
    }
  }

  @Test
  void keptPositionsThatAreNoneAreRefused() {
    TokenBatch tokens = TokenBatch.of(PROMPTS.get(0));
    Hook outside = Ablations.exceptAt(Ablations.zero(), new int[][] {{5}});
    assertRefused(tokens, "z1", outside, "position 5 is out of range");
    Hook forTwo = Ablations.exceptAt(Ablations.zero(), new int[][] {{1}, {1}});
    assertRefused(tokens, "z1", forTwo, "positions are given for 2 prompts, the batch has 1");
    hooks.add(
        "z1", Part.everything().at(1), Ablations.exceptAt(Ablations.zero(), new int[][] {{1}}));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.run(tokens, hooks))
        .withMessageContaining("cannot be restricted to others");
  }

  @Test
  void aClosedReferenceIsRefusedThoughItsMeanIsKnown() {
    TokenBatch tokens = TokenBatch.of(PROMPTS.get(0));
    CachedRun reference = runReference(TokenBatch.Padding.RIGHT);
    ReferenceSet set = ReferenceSet.of(reference.cache());
    CachedRun unpadded = model.runWithCache(tokens, CacheSpec.of(Activation.Z));
    for (Hook hook :
        List.of(
            Ablations.meanPerPosition(set),
            Interventions.meanOverPrompts(unpadded.cache()),
            Interventions.meanOverPromptsAndPositions(unpadded.cache()))) {
      hooks.add("z1", hook);
    }
    model.run(tokens, hooks).close();
    reference.close();
    assertThatIllegalStateException().isThrownBy(() -> model.run(tokens, hooks));
    unpadded.close();
    hooks.close();
    hooks.add("z1", Interventions.meanOverPrompts(unpadded.cache()));
    assertThatIllegalStateException().isThrownBy(() -> model.run(tokens, hooks));
  }

  @Test
  void newTokensOfAGenerationHaveNoPlaceInTheReference() {
    TokenBatch tokens = TokenBatch.of(REFERENCE.get(0));
    try (CachedRun reference = model.runWithCache(tokens, CacheSpec.of(Activation.Z))) {
      hooks.add(
          HookPoint.of(Activation.Z, 0),
          Ablations.meanPerPosition(ReferenceSet.of(reference.cache())));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> model.generate(tokens, GenerationSpec.greedy(3), hooks))
          .withMessageContaining("step 1 of a generation");
    }
  }
}
