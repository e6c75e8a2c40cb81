package dev.headlamp.experiments.circuit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.headlamp.experiments.circuit.validation.Completeness;
import dev.headlamp.experiments.circuit.validation.Faithfulness;
import dev.headlamp.experiments.circuit.validation.GreedySearch;
import dev.headlamp.experiments.circuit.validation.KnockOutPair;
import dev.headlamp.experiments.circuit.validation.Minimality;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.SweepMonitor;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What is proposed for the demo model, and the three criteria on it. */
class CircuitProposalTest {

  private static final SweepMonitor STOPPED =
      new SweepMonitor() {
        @Override
        public void onProgress(long done, long total) {}

        @Override
        public boolean isCancelled() {
          return true;
        }
      };

  private static HookedGpt2 model;
  private static AblatedRuns runs;
  private static CircuitProposal proposal;

  @BeforeAll
  static void propose() {
    model = DemoTask.model();
    runs = AblatedRuns.of(DemoTask.of(model, 30));
    proposal =
        CircuitProposal.of(runs, CircuitProposal.Rule.defaults(), SweepMonitor.NONE).orElseThrow();
  }

  @AfterAll
  static void close() {
    runs.close();
    model.close();
  }

  @Test
  void itDoesFourFifthsOfTheTaskWithAtMostHalfOfTheHeads() {
    Faithfulness faithfulness = Faithfulness.of(runs, proposal.circuit());
    assertThat(proposal.reached()).isTrue();
    assertThat(faithfulness.share()).isGreaterThanOrEqualTo(0.8);
    assertThat(proposal.circuit().heads()).hasSizeLessThanOrEqualTo(16);
    assertThat(faithfulness.model()).isEqualTo(runs.original());
  }

  @Test
  void everyStepComesNearerAndTheLastIsTheCircuit() {
    List<CircuitProposal.Step> steps = proposal.steps();
    assertThat(steps)
        .isSortedAccordingTo(
            Comparator.comparingDouble(step -> -Math.abs(runs.original() - step.circuit())));
    assertThat(proposal.circuit().nodes())
        .containsExactlyInAnyOrderElementsOf(
            steps.stream().map(CircuitProposal.Step::added).toList());
    assertThat(Faithfulness.of(runs, proposal.circuit()).circuit())
        .isEqualTo(steps.get(steps.size() - 1).circuit());
  }

  @Test
  void aRuleThatAllowsOneHeadGetsOne() {
    CircuitProposal.Rule rule = new CircuitProposal.Rule(1, 1.0 / 32, 3);
    CircuitProposal one = CircuitProposal.of(runs, rule, SweepMonitor.NONE).orElseThrow();
    assertThat(one.circuit().heads()).hasSize(1);
    assertThat(one.reached()).isFalse();
  }

  @Test
  void theEmptySetGivesFaithfulnessAndGreedySearchBreaksAtLeastAsMuch() {
    Completeness completeness =
        Completeness.of(
            runs, proposal.circuit(), 2, new GreedySearch(1, 2, 3), 1, SweepMonitor.NONE);
    KnockOutPair none = completeness.pairs().get(0);
    Faithfulness faithfulness = Faithfulness.of(runs, proposal.circuit());
    assertThat(none.incompleteness()).isEqualTo(faithfulness.difference());
    assertThat(completeness.pairs())
        .filteredOn(pair -> pair.label().startsWith("greedy"))
        .singleElement()
        .satisfies(
            pair ->
                assertThat(pair.incompleteness()).isGreaterThanOrEqualTo(none.incompleteness()));
  }

  @Test
  void oneSeedDrawsTheSameSets() {
    assertThat(randomSets(5)).isEqualTo(randomSets(5)).isNotEqualTo(randomSets(6));
  }

  private static List<Set<CircuitNode>> randomSets(long seed) {
    return Completeness.of(
            runs, proposal.circuit(), 3, new GreedySearch(0, 1, 1), seed, SweepMonitor.NONE)
        .pairs()
        .stream()
        .filter(pair -> pair.label().startsWith("random"))
        .map(KnockOutPair::removed)
        .toList();
  }

  @Test
  void aScoreOfMinimalityIsTheDifferenceOfTwoCircuits() {
    Minimality minimality = Minimality.of(runs, proposal.circuit(), SweepMonitor.NONE);
    assertThat(minimality.scores()).hasSize(proposal.circuit().nodes().size());
    for (Minimality.Score score : minimality.scores()) {
      Set<CircuitNode> rest = new LinkedHashSet<>(proposal.circuit().nodes());
      rest.removeAll(score.without());
      double before = runs.keeping(rest);
      rest.remove(score.node());
      assertThat(score.value()).isEqualTo(Math.abs(runs.keeping(rest) - before));
      assertThat(score.without()).doesNotContain(score.node());
    }
  }

  @Test
  void thePapersSetsAreThoseOfItsCode() {
    Circuit paper = CircuitFile.ofThePaper();
    assertThat(paper.minimalitySets().get(new Head(5, 8)))
        .containsExactly(new Head(11, 10), new Head(10, 7));
    assertThat(paper.minimalitySets().get(new Head(9, 0)))
        .hasSize(12)
        .doesNotContain(new Head(9, 0));
  }

  @Test
  void whatIsStoppedKeepsWhatItHas() {
    assertThat(CircuitProposal.of(runs, CircuitProposal.Rule.defaults(), STOPPED)).isEmpty();
    assertThat(Minimality.of(runs, proposal.circuit(), STOPPED).scores()).isEmpty();
  }

  @Test
  void sharesOutOfRangeAreRefused() {
    assertThatThrownBy(() -> new CircuitProposal.Rule(1.5, 0.5, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1.5");
    assertThatThrownBy(() -> new GreedySearch(1, 0, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
