package dev.headlamp.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.headlamp.engine.WeightProcessing.Step;
import org.junit.jupiter.api.Test;

/** Which steps a processing has, how it reads, and what may follow it. */
class WeightProcessingTest {

  @Test
  void stepsAreInTheOrderOfTheirCarryingOutHoweverTheyAreGiven() {
    WeightProcessing processing =
        WeightProcessing.of(
            Step.REFACTOR_FACTORED_ATTN_MATRICES, Step.CENTER_UNEMBED, Step.FOLD_LN, Step.FOLD_LN);
    assertThat(processing.steps())
        .containsExactly(Step.FOLD_LN, Step.CENTER_UNEMBED, Step.REFACTOR_FACTORED_ATTN_MATRICES);
    assertThat(processing).hasToString("fold_ln, center_unembed, refactor_factored_attn_matrices");
  }

  @Test
  void theUsualOnesArePrintedAsTransformerLensNamesThem() {
    assertThat(WeightProcessing.none()).hasToString("none");
    assertThat(WeightProcessing.transformerLens())
        .hasToString("fold_ln, center_writing_weights, center_unembed, fold_value_biases");
    assertThat(WeightProcessing.course())
        .hasToString(
            "fold_ln, center_writing_weights, center_unembed, refactor_factored_attn_matrices");
  }

  @Test
  void whatIsPrintedIsRead() {
    for (WeightProcessing processing : Combinations.all()) {
      assertThat(WeightProcessing.parse(processing.toString())).isEqualTo(processing);
    }
    assertThat(WeightProcessing.parse(" fold_value_biases,FOLD_LN "))
        .isEqualTo(WeightProcessing.of(Step.FOLD_LN, Step.FOLD_VALUE_BIASES));
  }

  @Test
  void anUnknownNameIsRefusedWithThoseThereAre() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WeightProcessing.parse("fold_ln, fold_lm"))
        .withMessage(
            "no weight processing 'fold_lm': there are fold_ln, center_writing_weights,"
                + " center_unembed, fold_value_biases, refactor_factored_attn_matrices, and none");
    assertThatIllegalArgumentException().isThrownBy(() -> WeightProcessing.parse(""));
    assertThatIllegalArgumentException().isThrownBy(() -> WeightProcessing.parse("none, fold_ln"));
  }

  @Test
  void aModelLacksWhatItHasNotHad() {
    assertThat(
            WeightProcessing.of(Step.FOLD_LN)
                .lacking(WeightProcessing.of(Step.FOLD_LN, Step.CENTER_UNEMBED)))
        .isEqualTo(WeightProcessing.of(Step.CENTER_UNEMBED));
    assertThat(WeightProcessing.course().lacking(WeightProcessing.course()).isNone()).isTrue();
  }

  @Test
  void aStepIsNotCarriedOutAfterOneThatFollowsIt() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> WeightProcessing.course().lacking(WeightProcessing.of(Step.FOLD_VALUE_BIASES)))
        .withMessage(
            "fold_value_biases comes before refactor_factored_attn_matrices, which this model has"
                + " had: process the model as it was loaded");
  }
}
