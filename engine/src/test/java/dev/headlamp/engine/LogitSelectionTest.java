package dev.headlamp.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.TokenBatch.Padding;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Narrowed logits are the same entries of all logits, whoever looks on. */
class LogitSelectionTest {

  private static final TokenBatch TOKENS =
      TokenBatch.padded(
          List.of(new int[] {5, 17, 99, 3, 42}, new int[] {1, 2, 3}), Padding.RIGHT, 0);
  private static final int[][] OWN = {{3, 0, 3}, {1, 2, 0}};
  private static final int[] COLUMNS = {100, 0, 57, 57};

  /** A selection, and the positions of each prompt and the columns that it must give. */
  private record Case(
      LogitSelection selection, List<List<Integer>> positions, List<Integer> columns) {}

  static List<Case> cases() {
    List<List<Integer>> everyPosition = Collections.nCopies(2, List.of(0, 1, 2, 3, 4));
    List<List<Integer>> last = List.of(List.of(4), List.of(2));
    List<List<Integer>> own = List.of(List.of(3, 0, 3), List.of(1, 2, 0));
    List<Integer> everyToken = IntStream.range(0, Tiny.CONFIG.dVocab()).boxed().toList();
    List<Integer> columns = List.of(100, 0, 57, 57);
    return List.of(
        new Case(LogitSelection.all(), everyPosition, everyToken),
        new Case(LogitSelection.all().tokens(COLUMNS), everyPosition, columns),
        new Case(LogitSelection.last(), last, everyToken),
        new Case(LogitSelection.last().tokens(COLUMNS), last, columns),
        new Case(LogitSelection.at(2, 0), Collections.nCopies(2, List.of(2, 0)), everyToken),
        new Case(LogitSelection.perPrompt(OWN), own, everyToken),
        new Case(LogitSelection.perPrompt(OWN).tokens(COLUMNS), own, columns));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void narrowedLogitsAreTheSameEntriesOfAllLogits(Case narrowed) {
    assertSameEntries(Tiny.DOUBLE, narrowed, Tap.NONE);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theyAreTheSameWithABiasOfTheUnembedding(Case narrowed) {
    Gpt2Weights w = Tiny.DOUBLE.weights();
    INDArray bias = Nd4j.arange(Tiny.CONFIG.dVocab()).castTo(w.dataType()).subi(40);
    Gpt2Weights biased =
        new Gpt2Weights(w.wE(), w.wPos(), w.blocks(), w.lnFinal(), w.unembedding(), bias);
    Gpt2 model = Gpt2.of(Tiny.CONFIG, biased);
    assertSameEntries(model, narrowed, Tap.NONE);
    try (RunResult with = model.run(RunSpec.of(TOKENS));
        RunResult without = Tiny.DOUBLE.run(RunSpec.of(TOKENS))) {
      assertThat(Values.of(with.logits()))
          .containsExactly(Values.of(without.logits().add(bias)), within(1e-12));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theyAreTheSameByTheFastOperations(Case narrowed) {
    assertSameEntries(Tiny.FLOAT, narrowed, Tap.NONE);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theyAreTheSameOfARunThatStartsAtTheLastBlock(Case narrowed) {
    int last = Tiny.CONFIG.nLayers() - 1;
    try (RunResult before = Tiny.DOUBLE.run(RunSpec.of(TOKENS).stopAt(last))) {
      RunSpec resumed = RunSpec.of(TOKENS).startAt(last, before.residual());
      assertSameEntries(Tiny.DOUBLE, resumed, narrowed, Tap.NONE);
    }
  }

  @Test
  void theLastOfLeftPaddedPromptsWithAPastIsTheSame() {
    TokenBatch padded =
        TokenBatch.padded(List.of(new int[] {5, 17, 99}, new int[] {3}), Padding.LEFT, 0);
    TokenBatch more = TokenBatch.of(new int[] {1, 2}, new int[] {3, 4});
    try (KeyValueCache one = Tiny.DOUBLE.newKeyValueCache(2, 5);
        KeyValueCache other = Tiny.DOUBLE.newKeyValueCache(2, 5)) {
      for (TokenBatch tokens : List.of(padded, more)) {
        RunSpec last = RunSpec.of(tokens).withLogits(LogitSelection.last());
        try (RunResult all = Tiny.DOUBLE.run(RunSpec.of(tokens).withKeyValues(one));
            RunResult few = Tiny.DOUBLE.run(last.withKeyValues(other))) {
          INDArray expected =
              LogitSelection.last().outOf(all.logits(), LogitSelection.all(), tokens);
          assertThat(Values.of(few.logits())).containsExactly(Values.of(expected), within(1e-12));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theyAreTheSameOfARunThatStopsBefore(Case narrowed) {
    assertSameEntries(Tiny.DOUBLE, RunSpec.of(TOKENS).stopAt(1), narrowed, Tap.NONE);
  }

  @ParameterizedTest
  @EnumSource(
      names = {"EMBED", "POS_EMBED"},
      mode = EnumSource.Mode.EXCLUDE)
  void aWatchedPointKeepsItsFullShapeAndTheSelectionIsTheSame(Activation activation) {
    HookPoint point =
        activation.perLayer()
            ? HookPoint.of(activation, Tiny.CONFIG.nLayers() - 1)
            : HookPoint.of(activation);
    for (Case narrowed : cases()) {
      RecordingTap recorded = RecordingTap.only(point);
      assertSameEntries(Tiny.DOUBLE, narrowed, recorded);
      long[] expected = activation.shape(Tiny.CONFIG, 2, 5, 5);
      assertThat(recorded.get(point).shape()).isEqualTo(expected);
    }
  }

  @Test
  void anEditOfTheLogitsReachesANarrowedResult() {
    Tap doubled = EditTap.at(HookPoint.of(Activation.UNEMBED_OUT), value -> value.mul(2));
    RunSpec narrowed = RunSpec.of(TOKENS).withLogits(LogitSelection.last().tokens(COLUMNS));
    try (RunResult plain = Tiny.DOUBLE.run(narrowed);
        RunResult edited = Tiny.DOUBLE.run(narrowed.withTap(doubled))) {
      assertThat(Values.of(edited.logits()))
          .containsExactly(Values.of(plain.logits().mul(2)), within(1e-12));
    }
  }

  @Test
  void aSelectionDoesNotChangeWithTheArraysItWasMadeOf() {
    int[][] positions = {{1}};
    int[] tokens = {7};
    LogitSelection selection = LogitSelection.perPrompt(positions).tokens(tokens);
    positions[0][0] = 3;
    tokens[0] = 9;
    assertSameEntries(
        Tiny.DOUBLE, new Case(selection, Collections.nCopies(2, List.of(1)), List.of(7)), Tap.NONE);
  }

  @Test
  void whatTwoSelectionsReadTogetherHoldsWhatEachReads() {
    for (Case one : cases()) {
      for (Case other : cases()) {
        LogitSelection both = one.selection().and(other.selection());
        try (RunResult together = Tiny.DOUBLE.run(RunSpec.of(TOKENS).withLogits(both));
            RunResult alone = Tiny.DOUBLE.run(RunSpec.of(TOKENS).withLogits(one.selection()))) {
          INDArray taken = one.selection().outOf(together.logits(), both, TOKENS);
          assertThat(taken.shape()).isEqualTo(alone.logits().shape());
          assertThat(Values.of(taken)).containsExactly(Values.of(alone.logits()), within(1e-12));
        }
      }
    }
  }

  @Test
  void whatWasNotReadCannotBeTakenOutOfIt() {
    LogitSelection last = LogitSelection.last().tokens(7, 8);
    INDArray logits = Nd4j.zeros(2, 1, 2);
    assertThatThrownBy(() -> LogitSelection.last().tokens(9).outOf(logits, last, TOKENS))
        .hasMessage("there are no logits of token id 9");
    assertThatThrownBy(() -> LogitSelection.last().outOf(logits, last, TOKENS))
        .hasMessageContaining("the whole vocabulary cannot be taken");
    assertThatThrownBy(() -> LogitSelection.at(1).tokens(7).outOf(logits, last, TOKENS))
        .hasMessage("there are no logits of prompt 0 at position 1");
  }

  @Test
  void anEmptyOrRaggedSelectionIsRefused() {
    assertThatThrownBy(LogitSelection::at).hasMessage("a selection needs at least one position");
    assertThatThrownBy(() -> LogitSelection.perPrompt(new int[0][]))
        .hasMessage("a selection needs at least one position");
    assertThatThrownBy(() -> LogitSelection.perPrompt(new int[][] {{1}, {1, 2}}))
        .hasMessage("every prompt needs the same number of positions, not 1 and 2");
    assertThatThrownBy(() -> LogitSelection.all().tokens())
        .hasMessage("a selection needs at least one token");
  }

  private static void assertSameEntries(Gpt2 model, Case narrowed, Tap tap) {
    assertSameEntries(model, RunSpec.of(TOKENS), narrowed, tap);
  }

  private static void assertSameEntries(Gpt2 model, RunSpec spec, Case narrowed, Tap tap) {
    double tolerance = model.dataType() == DataType.DOUBLE ? 1e-12 : 1e-5;
    try (RunResult all = model.run(spec.withLogits(LogitSelection.all()));
        RunResult few = model.run(spec.withLogits(narrowed.selection()).withTap(tap))) {
      int selected = narrowed.positions().get(0).size();
      int columns = narrowed.columns().size();
      assertThat(few.logits().shape()).isEqualTo(new long[] {TOKENS.batch(), selected, columns});
      for (int b = 0; b < TOKENS.batch(); b++) {
        for (int p = 0; p < selected; p++) {
          for (int c = 0; c < columns; c++) {
            int position = narrowed.positions().get(b).get(p);
            double expected = all.logits().getDouble(b, position, narrowed.columns().get(c));
            assertThat(few.logits().getDouble(b, p, c)).isCloseTo(expected, within(tolerance));
          }
        }
      }
    }
  }
}
