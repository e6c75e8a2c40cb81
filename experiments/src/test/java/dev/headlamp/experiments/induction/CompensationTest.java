package dev.headlamp.experiments.induction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.hooks.SweepMonitor;
import dev.headlamp.hooks.ablation.AblationTarget;
import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.List;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Compensation of heads whose losses are made up, so that the right answer is known. */
class CompensationTest {

  private static final List<AblationTarget> THREE =
      List.of(AblationTarget.head(0, 0), AblationTarget.head(0, 1), AblationTarget.head(1, 0));

  private static Set<String> labels(List<AblationTarget> targets) {
    return targets.stream().map(AblationTarget::label).collect(Collectors.toSet());
  }

  private static Compensation measure(ToDoubleFunction<Set<String>> loss) {
    return Compensation.measure(
        THREE, ablated -> loss.applyAsDouble(labels(ablated)), SweepMonitor.NONE);
  }

  @Test
  void headsThatDoNotKnowOfOneAnotherChangeTheLossByTheSameAmountWhateverElseIsAblated() {
    Compensation found =
        measure(
            ablated ->
                5
                    + (ablated.contains("L0H0") ? 1 : 0)
                    + (ablated.contains("L0H1") ? 0.5 : 0)
                    - (ablated.contains("L1H0") ? 0.25 : 0));

    assertThat(found.intact()).isEqualTo(5);
    assertThat(found.together()).isEqualTo(1.25);
    assertThat(found.sumOfEach()).isEqualTo(1.25);
    assertThat(found.effects().slice("component", "L0H0").values())
        .containsExactly(new double[] {1, 0.25, 0.25}, within(1e-12));
    for (int then = 0; then < 3; then++) {
      double alone = found.effects().value(then, 0);
      for (int before = 0; before < 3; before++) {
        assertThat(found.pairs().value(before, then)).isCloseTo(alone, within(1e-12));
      }
    }
  }

  @Test
  void aHeadThatStandsInForAnotherIsSeenOnlyWhenTheOtherIsGone() {
    // The loss rises only when both are gone: each is the other's backup.
    Compensation found = measure(ablated -> ablated.containsAll(Set.of("L0H0", "L0H1")) ? 3 : 1);

    assertThat(found.effects().slice("quantity", Compensation.ALONE).values())
        .containsExactly(0, 0, 0);
    assertThat(found.effects().slice("component", "L0H0").values()).containsExactly(0, 0, 2);
    assertThat(found.effects().slice("component", "L1H0").values()).containsExactly(0, 2, 2);
    assertThat(found.pairs().values()).containsExactly(0, 2, 0, 2, 0, 0, 0, 0, 0);
    assertThat(found.together()).isEqualTo(2);
    assertThat(found.sumOfEach()).isZero();
  }

  @Test
  void eachSetIsMeasuredOnce() {
    int[] calls = new int[1];
    long[] total = new long[1];
    Compensation.measure(THREE, ablated -> calls[0]++, (done, all) -> total[0] = all);

    // Of three: nothing, three alone, all, and three pairs, which are also all but one.
    assertThat(calls[0]).isEqualTo(8);
    assertThat(total[0]).isEqualTo(8);
  }

  @Test
  void whatIsCancelledIsAbsentAndWhatWasMeasuredStays() {
    int[] calls = new int[1];
    SweepMonitor afterTwo =
        new SweepMonitor() {
          @Override
          public void onProgress(long done, long total) {
            calls[0]++;
          }

          @Override
          public boolean isCancelled() {
            return calls[0] == 2;
          }
        };
    Compensation found =
        Compensation.measure(THREE, ablated -> ablated.isEmpty() ? 1 : 4, afterTwo);

    assertThat(found.effects().value(0, 0)).isEqualTo(3);
    assertThat(found.effects().value(1, 0)).isNaN();
    assertThat(found.together()).isNaN();
    assertThat(found.pairs().value(0, 0)).isEqualTo(3);
    assertThat(found.pairs().value(0, 1)).isNaN();
  }

  @Test
  void noComponentAndTwoOfOneNameAreRefused() {
    assertThatThrownBy(() -> Compensation.measure(List.of(), ablated -> 0, SweepMonitor.NONE))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () ->
                Compensation.measure(
                    List.of(THREE.get(0), THREE.get(0)), ablated -> 0, SweepMonitor.NONE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("L0H0");
  }

  @Test
  void headsAreChosenByTheirScore() {
    LabelledArray scores =
        LabelledArray.of(
            "scores",
            "",
            List.of(Axis.numbered("layer", 2), Axis.numbered("head", 2)),
            0.1,
            0.5,
            0.9,
            0.5);

    assertThat(InductionHeads.atLeast(scores, 0.5))
        .extracting(AblationTarget::label)
        .containsExactly("L1H0", "L0H1", "L1H1");
    assertThat(InductionHeads.atLeast(scores, 0.95)).isEmpty();
    assertThat(InductionHeads.highest(scores, 1))
        .extracting(AblationTarget::label)
        .containsExactly("L1H0");
  }
}
