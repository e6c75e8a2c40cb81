package dev.headlamp.hooks.heads;

import static dev.headlamp.hooks.References.largestDifference;
import static dev.headlamp.hooks.References.values;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.engine.WeightProcessing;
import dev.headlamp.engine.WeightProcessing.Step;
import dev.headlamp.engine.circuits.HeadWeights;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.Positions;
import dev.headlamp.hooks.report.LabelledArray;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Attention between positions by meaning, and weighted by what is moved. */
class AttentionBetweenTest {

  private static final TokenBatch TOKENS =
      TokenBatch.of(new int[] {5, 17, 42, 17, 8}, new int[] {9, 30, 9, 1});

  private static final int[] SUBJECTS = {17, 9};

  private static HookedGpt2 tiny;
  private static CachedRun run;

  @BeforeAll
  static void runTheModel() throws IOException {
    tiny = HookedGpt2.load(Fixtures.model("tiny"));
    run = tiny.runWithCache(TOKENS, CacheSpec.defaults());
  }

  @AfterAll
  static void close() {
    run.close();
    tiny.close();
  }

  @Test
  void positionsAreWhereTheTokenStandsInEachPrompt() {
    Positions s1 = TokenPositions.first(TOKENS, SUBJECTS);
    assertThat(s1).isEqualTo(Positions.perPrompt(new int[][] {{1}, {0}}));
    assertThat(TokenPositions.nth(TOKENS, 1, SUBJECTS))
        .isEqualTo(Positions.perPrompt(new int[][] {{3}, {2}}))
        .isEqualTo(TokenPositions.last(TOKENS, SUBJECTS));
    assertThat(TokenPositions.shifted(TOKENS, s1, 1))
        .isEqualTo(Positions.perPrompt(new int[][] {{2}, {1}}));
  }

  @Test
  void positionsThatAreNotThereAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TokenPositions.first(TOKENS, 17))
        .withMessage("token id 17 is not in prompt 1");
    // Prompt 1 is padded with id 0, which is no token of it.
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TokenPositions.last(TOKENS, 5, 0))
        .withMessage("token id 0 is not in prompt 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TokenPositions.nth(TOKENS, 2, SUBJECTS))
        .withMessage("token id 17 stands 2 times in prompt 0: there is no place 2, counted from 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TokenPositions.first(TOKENS, 1, 2, 3))
        .withMessage("token ids are given for 3 prompts, the batch has 2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TokenPositions.shifted(TOKENS, Positions.last(), 1))
        .withMessage("position 4 moved by 1 is outside prompt 0, which has positions 0 to 4");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> TokenPositions.shifted(TOKENS, TokenPositions.first(TOKENS, SUBJECTS), -1))
        .withMessageContaining("outside prompt 1");
  }

  @Test
  void attentionIsReadWhereEachPromptHasItsPositions() {
    Positions s2 = TokenPositions.nth(TOKENS, 1, SUBJECTS);
    LabelledArray attention = AttentionBetween.of(run.cache(), Positions.last(), s2);
    assertThat(attention.shape()).containsExactly(2, 4, 2);
    INDArray pattern = run.cache().get("pattern1");
    assertThat(attention.value(1, 3, 0)).isEqualTo(pattern.getDouble(0, 3, 4, 3));
    assertThat(attention.value(1, 3, 1)).isEqualTo(pattern.getDouble(1, 3, 3, 2));
    assertThat(attention.meanOver("prompt").value(1, 3))
        .isCloseTo((attention.value(1, 3, 0) + attention.value(1, 3, 1)) / 2, within(1e-12));
  }

  @Test
  void attentionToEverythingIsOneAndOfSeveralPlacesTheMean() {
    LabelledArray all = AttentionBetween.of(run.cache(), Positions.last(), Positions.all());
    assertThat(all.min().orElseThrow()).isCloseTo(1, within(1e-5));
    assertThat(all.max().orElseThrow()).isCloseTo(1, within(1e-5));
    LabelledArray two = AttentionBetween.of(run.cache(), Positions.of(2, 3), Positions.of(1, 1));
    INDArray pattern = run.cache().get("pattern0");
    assertThat(two.value(0, 1, 1))
        .isCloseTo(
            (pattern.getDouble(1, 1, 2, 1) + pattern.getDouble(1, 1, 3, 1)) / 2, within(1e-7));
  }

  @Test
  void aCacheOfTheDestinationsIsEnoughAndOneOfOthersIsRefused() {
    Positions s1 = TokenPositions.first(TOKENS, SUBJECTS);
    CacheSpec lasts = CacheSpec.of(Activation.PATTERN).at(Positions.last());
    try (CachedRun narrow = tiny.runWithCache(TOKENS, lasts)) {
      assertThat(AttentionBetween.of(narrow.cache(), Positions.last(), s1))
          .isEqualTo(AttentionBetween.of(run.cache(), Positions.last(), s1));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> AttentionBetween.of(narrow.cache(), s1, s1))
          .withMessage("position 1 is not in this cache: the run kept [4]");
    }
  }

  @Test
  void aWeightedPatternIsThePatternTimesTheLengthOfWhatIsMoved() {
    HeadWeights weights = HeadWeights.of(tiny.engine(), 1, 2);
    try (INDArray byValue = ValueWeightedPattern.of(tiny, run.cache(), 1, ValueNorm.VALUE);
        INDArray byOutput = ValueWeightedPattern.of(tiny, run.cache(), 1, ValueNorm.OUTPUT)) {
      INDArray pattern = run.cache().get("pattern1");
      INDArray values = run.cache().get("v1");
      assertThat(byValue.shape()).containsExactly(pattern.shape());
      for (int prompt = 0; prompt < 2; prompt++) {
        for (int dest = 0; dest < 4; dest++) {
          for (int source = 0; source <= dest; source++) {
            double attention = pattern.getDouble(prompt, 2, dest, source);
            INDArray value = values.slice(prompt).slice(source).getRow(2);
            INDArray written = value.reshape(1, value.length()).mmul(weights.wO());
            assertThat(byValue.getDouble(prompt, 2, dest, source))
                .isCloseTo(attention * value.norm2Number().doubleValue(), within(1e-5));
            assertThat(byOutput.getDouble(prompt, 2, dest, source))
                .isCloseTo(attention * written.norm2Number().doubleValue(), within(1e-5));
          }
        }
      }
    }
  }

  /** How the OV circuit is split into two factors is arbitrary; what is written is not. */
  @Test
  void lengthsOfWhatIsWrittenDoNotDependOnHowTheCircuitIsSplit() {
    try (HookedGpt2 folded = tiny.processed(WeightProcessing.of(Step.FOLD_VALUE_BIASES));
        HookedGpt2 refactored =
            tiny.processed(WeightProcessing.of(Step.REFACTOR_FACTORED_ATTN_MATRICES));
        CachedRun foldedRun = folded.runWithCache(TOKENS, CacheSpec.defaults());
        CachedRun refactoredRun = refactored.runWithCache(TOKENS, CacheSpec.defaults());
        INDArray expected =
            ValueWeightedPattern.of(folded, foldedRun.cache(), 0, ValueNorm.OUTPUT);
        INDArray actual =
            ValueWeightedPattern.of(refactored, refactoredRun.cache(), 0, ValueNorm.OUTPUT)) {
      assertThat(largestDifference(values(expected), values(actual))).isLessThanOrEqualTo(1e-4);
    }
  }

  @Test
  void aWeightedPatternNeedsTheWholePatternOfTheSameModel() {
    try (CachedRun last = tiny.runWithCache(TOKENS, CacheSpec.defaults().at(Positions.last()));
        HookedGpt2 folded = tiny.processed(WeightProcessing.transformerLens())) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ValueWeightedPattern.of(tiny, last.cache(), 0, ValueNorm.VALUE))
          .withMessageContaining("narrowed to some positions");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ValueWeightedPattern.of(tiny, run.cache(), 2, ValueNorm.VALUE))
          .withMessage("layer 2 is out of range: tiny has layers 0 to 1");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ValueWeightedPattern.of(folded, run.cache(), 0, ValueNorm.VALUE))
          .withMessageContaining("fold_ln");
    }
  }
}
