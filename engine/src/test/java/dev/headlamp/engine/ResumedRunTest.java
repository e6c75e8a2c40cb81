package dev.headlamp.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.headlamp.engine.TokenBatch.Padding;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Stopping in front of a layer and starting again there is the whole run. */
class ResumedRunTest {

  private static final TokenBatch TOKENS =
      TokenBatch.padded(
          List.of(new int[] {5, 17, 99, 3, 42}, new int[] {1, 2, 3}), Padding.LEFT, 0);

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void aRunStoppedAndStartedAgainIsTheWholeRun(int layer) {
    try (RunResult whole = Tiny.FLOAT.run(RunSpec.of(TOKENS));
        RunResult first = Tiny.FLOAT.run(RunSpec.of(TOKENS).stopAt(layer));
        RunResult rest = Tiny.FLOAT.run(RunSpec.of(TOKENS).startAt(layer, first.residual()))) {
      Values.assertIdentical("logits", whole.logits(), rest.logits());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void whereARunStopsStandsTheNextBlocksResidualStream(int layer) {
    HookPoint residPre = HookPoint.of(Activation.RESID_PRE, layer);
    RecordingTap recorded = RecordingTap.only(residPre);
    Tiny.FLOAT.run(RunSpec.of(TOKENS).withTap(recorded)).close();
    try (RunResult stopped = Tiny.FLOAT.run(RunSpec.of(TOKENS).stopAt(layer))) {
      Values.assertIdentical("residual", recorded.get(residPre), stopped.residual());
    }
  }

  @Test
  void aRunCanBeStoppedAndStartedInTheMiddle() {
    try (RunResult atOne = Tiny.FLOAT.run(RunSpec.of(TOKENS).stopAt(1));
        RunResult fromOneToTwo =
            Tiny.FLOAT.run(RunSpec.of(TOKENS).startAt(1, atOne.residual()).stopAt(2));
        RunResult atTwo = Tiny.FLOAT.run(RunSpec.of(TOKENS).stopAt(2))) {
      Values.assertIdentical("residual", atTwo.residual(), fromOneToTwo.residual());
    }
  }

  @Test
  void anEditBeforeTheStopIsInWhatIsResumed() {
    Tap edit = EditTap.at(HookPoint.of(Activation.MLP_OUT, 0), value -> value.mul(-2));
    try (RunResult whole = Tiny.FLOAT.run(RunSpec.of(TOKENS).withTap(edit));
        RunResult plain = Tiny.FLOAT.run(RunSpec.of(TOKENS));
        RunResult first = Tiny.FLOAT.run(RunSpec.of(TOKENS).withTap(edit).stopAt(1));
        RunResult rest = Tiny.FLOAT.run(RunSpec.of(TOKENS).startAt(1, first.residual()))) {
      Values.assertIdentical("logits", whole.logits(), rest.logits());
      assertThat(Values.of(rest.logits())).isNotEqualTo(Values.of(plain.logits()));
    }
  }

  @Test
  void aResidualStreamInAnotherMemoryOrderIsTheSame() {
    try (RunResult first = Tiny.FLOAT.run(RunSpec.of(TOKENS).stopAt(1));
        INDArray fortran = first.residual().dup('f');
        RunResult rest = Tiny.FLOAT.run(RunSpec.of(TOKENS).startAt(1, fortran));
        RunResult whole = Tiny.FLOAT.run(RunSpec.of(TOKENS))) {
      Values.assertIdentical("logits", whole.logits(), rest.logits());
    }
  }

  @Test
  void aResultHasEitherLogitsOrAResidualStream() {
    try (RunResult stopped = Tiny.FLOAT.run(RunSpec.of(TOKENS).stopAt(1));
        RunResult whole = Tiny.FLOAT.run(RunSpec.of(TOKENS))) {
      assertThatThrownBy(stopped::logits)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("this run was stopped before the logits; it has a residual");
      assertThatThrownBy(whole::residual)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("this run went on to the logits: stop it at a layer");
    }
  }
}
