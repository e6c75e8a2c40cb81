package dev.headlamp.engine;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.headlamp.fixtures.Fixtures;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Runs that a model cannot do are refused before anything is computed, with the rule. */
class RunInputTest {

  private static final TokenBatch TOKENS = TokenBatch.of(new int[] {5, 17, 99}, new int[] {1, 2});

  @ParameterizedTest
  @ValueSource(ints = {101, -1, Integer.MAX_VALUE, Integer.MIN_VALUE})
  void aTokenOutOfRangeIsRefused(int id) {
    assertRefused(
        RunSpec.of(TokenBatch.of(new int[] {1, id, 2})),
        "token id " + id + " is out of range: tiny has ids 0 to 100");
  }

  @Test
  void aPromptBeyondTheContextIsRefused() {
    assertThatCode(() -> Tiny.FLOAT.run(RunSpec.of(TokenBatch.of(new int[48]))).close())
        .doesNotThrowAnyException();
    assertRefused(
        RunSpec.of(TokenBatch.of(new int[3], new int[49])),
        "prompt 1 has 49 tokens: tiny sees at most 48");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 3, Integer.MIN_VALUE})
  void aStartOutsideTheModelIsRefused(int layer) {
    assertRefused(
        RunSpec.of(TOKENS).startAt(layer, residual(2, 3, 32)),
        "cannot start: layer " + layer + " is out of range: tiny has layers 0 to 1");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 3, Integer.MIN_VALUE})
  void aStopOutsideTheModelIsRefused(int layer) {
    assertRefused(
        RunSpec.of(TOKENS).stopAt(layer),
        "cannot stop: layer " + layer + " is out of range: tiny has layers 0 to 1");
  }

  @Test
  void aStopBeforeTheStartIsRefused() {
    assertRefused(
        RunSpec.of(TOKENS).startAt(2, residual(2, 3, 32)).stopAt(1),
        "cannot stop at layer 1 after starting at layer 2");
  }

  @Test
  void aLaterStartWithoutAResidualStreamIsRefused() {
    assertRefused(
        new RunSpec(
            TOKENS, Tap.NONE, 1, null, RunSpec.ALL_LAYERS, LogitSelection.all(), null, false),
        "a run that starts at layer 1 needs a residual stream");
  }

  @Test
  void aResidualStreamOfAnotherShapeIsRefused() {
    assertRefused(
        RunSpec.of(TOKENS).startAt(1, residual(2, 4, 32)),
        "the residual stream to start from must be FLOAT [2, 3, 32], not FLOAT [2, 4, 32]");
    assertRefused(
        RunSpec.of(TOKENS).startAt(1, residual(6, 32)),
        "the residual stream to start from must be FLOAT [2, 3, 32], not FLOAT [6, 32]");
  }

  @Test
  void aResidualStreamOfAnotherTypeIsRefused() {
    assertRefused(
        RunSpec.of(TOKENS).startAt(1, residual(2, 3, 32).castTo(DataType.DOUBLE)),
        "the residual stream to start from must be FLOAT [2, 3, 32], not DOUBLE [2, 3, 32]");
  }

  @Test
  void aClosedResidualStreamIsRefused() {
    INDArray residual = residual(2, 3, 32);
    residual.close();
    assertRefused(
        RunSpec.of(TOKENS).startAt(1, residual), "the residual stream to start from is closed");
  }

  @Test
  void aSelectedPositionOutOfRangeIsRefused() {
    assertRefused(
        RunSpec.of(TOKENS).withLogits(LogitSelection.at(3)),
        "position 3 is out of range: the batch has positions 0 to 2");
    assertRefused(
        RunSpec.of(TOKENS).withLogits(LogitSelection.at(-1)),
        "position -1 is out of range: the batch has positions 0 to 2");
  }

  @Test
  void aSelectionForAnotherNumberOfPromptsIsRefused() {
    assertRefused(
        RunSpec.of(TOKENS).withLogits(LogitSelection.perPrompt(new int[][] {{0}, {1}, {0}})),
        "positions are given for 3 prompts, the batch has 2");
  }

  @Test
  void aSelectedTokenOutOfRangeIsRefused() {
    assertRefused(
        RunSpec.of(TOKENS).withLogits(LogitSelection.last().tokens(4, 101)),
        "token id 101 is out of range: tiny has ids 0 to 100");
  }

  @Test
  void aClosedModelIsRefusedAndClosingAgainDoesNothing() throws IOException {
    Gpt2 model = Gpt2.load(Fixtures.model("tiny"));
    model.close();
    model.close();
    assertThatThrownBy(() -> model.run(RunSpec.of(TOKENS)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("tiny is closed");
  }

  private static INDArray residual(long... shape) {
    return Nd4j.zeros(DataType.FLOAT, shape);
  }

  private static void assertRefused(RunSpec spec, String message) {
    assertThatThrownBy(() -> Tiny.FLOAT.run(spec))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
