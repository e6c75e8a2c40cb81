package dev.headlamp.hooks;

import static dev.headlamp.hooks.References.values;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.headlamp.engine.TokenBatch;
import dev.headlamp.engine.TokenBatch.Padding;
import dev.headlamp.fixtures.Fixtures;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A hook on a part is given that part and changes nothing else. */
class PartTest {

  private static final List<int[]> PROMPTS =
      List.of(new int[] {5, 17, 42, 8}, new int[] {9, 9}, new int[] {3, 70, 2});
  private static final TokenBatch TOKENS = TokenBatch.padded(PROMPTS, Padding.RIGHT, 0);

  private static HookedGpt2 model;

  @BeforeAll
  static void load() throws IOException {
    model = HookedGpt2.load(Fixtures.model("tiny"));
  }

  @AfterAll
  static void close() {
    model.close();
  }

  @Test
  void headsOfZ() {
    assertChanges("z1", Part.everything().heads(2, 0), at -> at[2] == 0 || at[2] == 2);
  }

  @Test
  void headsOfAPattern() {
    assertChanges("pattern1", Part.everything().heads(3), at -> at[1] == 3);
  }

  @Test
  void positionsOfEveryPrompt() {
    assertChanges("resid_mid0", Part.everything().at(1, 2), at -> at[1] == 1 || at[1] == 2);
  }

  @Test
  void eachPromptsOwnPositions() {
    int[][] positions = {{0, 3}, {1, 0}, {2, 1}};
    assertChanges(
        "q0",
        Part.everything().at(Positions.perPrompt(positions)).heads(1),
        at -> at[2] == 1 && contains(positions[at[0]], at[1]));
  }

  private static boolean contains(int[] values, int value) {
    return Arrays.stream(values).anyMatch(v -> v == value);
  }

  @Test
  void eachPromptsLastTokenWhenPaddedOnTheRight() {
    int[] last = {3, 1, 2};
    assertChanges("v0", Part.everything().at(Positions.last()), at -> at[1] == last[at[0]]);
  }

  @Test
  void eachPromptsLastTokenWhenPaddedOnTheLeft() {
    TokenBatch left = TokenBatch.padded(PROMPTS, Padding.LEFT, 0);
    assertChanges(left, "v0", Part.everything().at(Positions.last()), at -> at[1] == 3);
  }

  @Test
  void neurons() {
    assertChanges(
        "post1",
        Part.everything().neurons(127, 4, 5).at(0),
        at -> at[1] == 0 && (at[2] == 127 || at[2] == 4 || at[2] == 5));
  }

  @Test
  void dimensionsOfOneHead() {
    assertChanges("k1", Part.everything().heads(0).neurons(7), at -> at[2] == 0 && at[3] == 7);
  }

  @Test
  void destinationsAndSourcesOfAPattern() {
    assertChanges(
        "pattern0",
        Part.everything().heads(1).at(3).sources(0, 2),
        at -> at[1] == 1 && at[2] == 3 && (at[3] == 0 || at[3] == 2));
  }

  /** Adds 1 through a hook on the part, and looks for it in a cache of the whole. */
  private static void assertChanges(String point, Part part, Predicate<int[]> inside) {
    assertChanges(TOKENS, point, part, inside);
  }

  private static void assertChanges(
      TokenBatch tokens, String point, Part part, Predicate<int[]> inside) {
    CacheSpec keep = CacheSpec.named(model.config(), point);
    try (HookRegistry hooks = model.newHooks();
        CachedRun plain = model.runWithCache(tokens, keep)) {
      hooks.add(point, part, (value, context) -> value.add(1));
      try (CachedRun edited = model.runWithCache(tokens, keep, hooks)) {
        INDArray expected = plain.cache().get(point);
        double[] before = values(expected);
        double[] after = values(edited.cache().get(point));
        int changed = 0;
        for (int i = 0; i < before.length; i++) {
          boolean isInside = inside.test(index(i, expected.shape()));
          changed += isInside ? 1 : 0;
          assertThat(after[i]).isEqualTo(isInside ? (float) before[i] + 1 : before[i]);
        }
        assertThat(changed).isPositive();
      }
    }
  }

  private static int[] index(int offset, long[] shape) {
    int[] index = new int[shape.length];
    int rest = offset;
    for (int axis = index.length - 1; axis >= 0; axis--) {
      index[axis] = Math.toIntExact(rest % shape[axis]);
      rest = Math.toIntExact(rest / shape[axis]);
    }
    return index;
  }

  @Test
  void theHookIsGivenThePartInTheOrderThatWasAskedFor() {
    try (HookRegistry hooks = model.newHooks();
        CachedRun plain = model.runWithCache(TOKENS, CacheSpec.defaults())) {
      INDArray whole = plain.cache().get("z0");
      hooks.add(
          "z0",
          Part.everything().heads(3, 1).at(2, 0),
          (value, context) -> {
            assertThat(value.shape()).containsExactly(3, 2, 2, 8);
            int[] positions = {2, 0};
            int[] heads = {3, 1};
            for (int p = 0; p < 2; p++) {
              for (int h = 0; h < 2; h++) {
                assertThat(value.getDouble(1, p, h, 5))
                    .isEqualTo(whole.getDouble(1, positions[p], heads[h], 5));
              }
            }
            assertThat(context.partOf(whole)).isEqualTo(value);
            return value;
          });
      model.run(TOKENS, hooks).close();
    }
  }

  @Test
  void positionsThatTheBatchHasNotAreRefused() {
    assertRefused(
        Part.everything().at(4), "position 4 is out of range: the batch has positions 0 to 3");
    assertRefused(
        Part.everything().at(Positions.perPrompt(new int[][] {{0}, {1}})),
        "positions are given for 2 prompts, the batch has 3");
    assertRefused(
        Part.everything().sources(4),
        "source position 4 is out of range: this run attends to positions 0 to 3");
  }

  private static void assertRefused(Part part, String message) {
    try (HookRegistry hooks = model.newHooks()) {
      hooks.add("pattern0", part, Interventions.zero());
      assertThatIllegalArgumentException()
          .isThrownBy(() -> model.run(TOKENS, hooks))
          .withMessage(message);
    }
  }

  @Test
  void positionsThatNoBatchHasAreRefusedAtOnce() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Positions.of(-1))
        .withMessageContaining("position -1 is negative");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Positions.perPrompt(new int[][] {{0, 1}, {2}}))
        .withMessageContaining("the same number of positions, not 2 and 1");
  }
}
