package dev.headlamp.hooks.directions;

import static dev.headlamp.hooks.References.largestDifference;
import static dev.headlamp.hooks.References.values;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.TokenBatch;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.Hook;
import dev.headlamp.hooks.HookRegistry;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.Interventions;
import dev.headlamp.hooks.Part;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.factory.Nd4j;

/** Edits along directions, against what they are by definition. */
class DirectionHooksTest {

  private static final TokenBatch TOKENS =
      TokenBatch.of(new int[] {5, 17, 42}, new int[] {9, 9, 1});
  private static final TokenBatch OTHERS =
      TokenBatch.of(new int[] {80, 2, 61}, new int[] {7, 7, 30});

  private static HookedGpt2 model;
  private static CachedRun plain;
  private static CachedRun others;

  private final HookRegistry hooks = model.newHooks();

  @BeforeAll
  static void runTheModel() throws IOException {
    model = HookedGpt2.load(Fixtures.model("tiny"));
    plain = model.runWithCache(TOKENS, CacheSpec.everything());
    others = model.runWithCache(OTHERS, CacheSpec.everything());
  }

  @AfterAll
  static void close() {
    others.close();
    plain.close();
    model.close();
  }

  /** Two directions that are not at right angles, in the residual stream. */
  private static Directions pair() {
    double[][] basis = Example.orthonormalBasis(32);
    double[] between = new double[32];
    Arrays.setAll(between, i -> 3 * basis[0][i] + 4 * basis[1][i]);
    return Directions.of("pair", basis[0], between);
  }

  /** Returns what directions read of a point with the hooks in force. */
  private double[] scores(Directions directions, String point) {
    try (CachedRun run = model.runWithCache(TOKENS, CacheSpec.everything(), hooks)) {
      return values(directions.project(run.cache(), point));
    }
  }

  @Test
  void allScoresOfDirectionsThatAreNotAtRightAnglesAreSet() {
    Directions skewed = Directions.of("skewed", new double[] {1, 0}, new double[] {1, 1});

    assertThat(Example.edited(DirectionHooks.set(skewed, 7, 10)))
        .containsExactly(new double[] {7, 3}, within(1e-12));
    assertThat(Example.edited(DirectionHooks.ablate(skewed.only(1))))
        .containsExactly(new double[] {-0.5, 0.5}, within(1e-12));
    assertThat(Example.edited(DirectionHooks.steer(skewed, 100, 10))).containsExactly(112, 13);
  }

  @Test
  void theBiasBelongsToAScoreAndNotToTheDirection(@TempDir Path folder) throws IOException {
    Path file =
        Example.write(
            folder.resolve("probe.safetensors"),
            Map.of("w", Nd4j.createFromArray(0f, 2f), "b", Nd4j.createFromArray(1f)));
    Directions probe = Directions.read(file, "w", "b");

    assertThat(Example.edited(DirectionHooks.set(probe, 0))).containsExactly(2, -0.5);
    assertThat(Example.edited(DirectionHooks.ablate(probe))).containsExactly(2, 0);
  }

  @Test
  void aDirectionThatIsProjectedOutReadsNothing() {
    hooks.add("resid_post0", DirectionHooks.ablate(pair()));

    assertThat(scores(pair(), "resid_post0"))
        .hasSize(2 * 3 * 2)
        .containsOnly(new double[] {0}, within(1e-5));
  }

  @Test
  void whatIsAtRightAnglesStaysAsItIs() {
    double[][] rest = Arrays.copyOfRange(Example.orthonormalBasis(32), 2, 32);
    Directions atRightAngles = Directions.of("rest", rest);
    double[] before = scores(atRightAngles, "resid_post0");
    hooks.add("resid_post0", DirectionHooks.set(pair(), 3, -2));

    assertThat(largestDifference(before, scores(atRightAngles, "resid_post0"))).isLessThan(1e-5);
  }

  @Test
  void scoresAreSetAtTheChosenPositionsOnly() {
    double[] before = scores(pair(), "resid_mid1");
    hooks.add("resid_mid1", Part.everything().at(1), DirectionHooks.set(pair(), 3, -2));

    double[] after = scores(pair(), "resid_mid1");
    for (int i = 0; i < after.length; i++) {
      boolean chosen = i / 2 % 3 == 1;
      assertThat(after[i]).isEqualTo(chosen ? (i % 2 == 0 ? 3 : -2) : before[i], within(1e-5));
    }
  }

  @ParameterizedTest
  @CsvSource({"resid_post0, 32", "mlp_post0, 128", "z1, 8", "attn_in0, 32"})
  void swappingEveryDirectionOfABasisIsPatchingTheActivation(String point, int width) {
    Directions basis = Directions.of("basis", Example.orthonormalBasis(width));

    double[] swapped =
        logits(point, Part.everything(), DirectionHooks.swapFrom(basis, others.cache()));
    double[] patched = logits(point, Part.everything(), Interventions.replaceFrom(others.cache()));

    assertThat(largestDifference(swapped, patched)).isLessThan(1e-5);
    assertThat(largestDifference(swapped, values(plain.logits()))).isGreaterThan(1e-3);
  }

  @Test
  void headsAndPositionsAreSwappedOneByOne() {
    Directions basis = Directions.of("basis", Example.orthonormalBasis(8));
    Part part = Part.everything().heads(2).at(0, 2);

    assertThat(
            largestDifference(
                logits("v0", part, DirectionHooks.swapFrom(basis, others.cache())),
                logits("v0", part, Interventions.replaceFrom(others.cache()))))
        .isLessThan(1e-5);
  }

  private double[] logits(String point, Part part, Hook hook) {
    try (HookRegistry own = model.newHooks()) {
      own.add(point, part, hook);
      return values(model.run(TOKENS, own));
    }
  }

  @Test
  void pointsOfOtherVectorsAreRefusedByName(@TempDir Path folder) throws IOException {
    Path file = Example.write(folder.resolve("probe.safetensors"), Map.of("w", Nd4j.ones(1, 3)));
    Directions probe = Directions.read(file, "w");
    hooks.add("resid_pre1", DirectionHooks.ablate(probe));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.run(TOKENS, hooks))
        .withMessageContainingAll(
            "probe.safetensors, tensor w reads vectors of 3 entries",
            "blocks.1.hook_resid_pre",
            "32 entries");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> probe.project(plain.cache(), "z1"))
        .withMessageContainingAll("tensor w", "blocks.1.attn.hook_z", "8 entries");
  }

  @Test
  void anAttentionPatternIsNoVectorWhateverItsLength() {
    Directions ofThree = Directions.of("three", new double[] {1, 1, 1});
    hooks.add("pattern1", DirectionHooks.ablate(ofThree));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.run(TOKENS, hooks))
        .withMessageContainingAll("three", "blocks.1.attn.hook_pattern", "src_pos");
  }

  @Test
  void directionsThatDependOnOneAnotherAreRefused() {
    Directions twice = Directions.of("twice", new double[] {1, 2}, new double[] {-2, -4});

    assertThatIllegalArgumentException()
        .isThrownBy(() -> DirectionHooks.ablate(twice))
        .withMessageStartingWith("twice: direction 1 is a combination of those before it");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                DirectionHooks.set(
                    Directions.of("3 in 2", new double[][] {{1, 0}, {0, 1}, {1, 1}}), 1, 2, 3))
        .withMessageStartingWith("3 in 2: direction 2 is a combination");
  }

  @Test
  void numbersThatAreNotOneForEachDirectionAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DirectionHooks.set(pair(), 1))
        .withMessage("pair: 1 numbers are given for 2 directions");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DirectionHooks.steer(pair(), 1, Double.NaN))
        .withMessageContaining("NaN is not finite");
  }

  @Test
  void aRunOfOtherLengthCannotBeSwappedIn() {
    try (CachedRun shorter =
        model.runWithCache(TokenBatch.of(new int[] {1, 2}), CacheSpec.defaults())) {
      hooks.add("resid_post0", DirectionHooks.swapFrom(pair(), shorter.cache()));

      assertThatIllegalArgumentException()
          .isThrownBy(() -> model.run(TOKENS, hooks))
          .withMessageContainingAll("blocks.0.hook_resid_post", "2 prompts of 3 positions");
    }
  }
}
