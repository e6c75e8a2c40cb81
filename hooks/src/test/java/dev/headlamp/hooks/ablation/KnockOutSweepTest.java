package dev.headlamp.hooks.ablation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.Hook;
import dev.headlamp.hooks.HookRegistry;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.NextToken;
import dev.headlamp.hooks.Part;
import dev.headlamp.hooks.Positions;
import dev.headlamp.hooks.SweepMonitor;
import dev.headlamp.hooks.metrics.Distance;
import dev.headlamp.hooks.report.ArrayFiles;
import dev.headlamp.hooks.report.LabelledArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/** Sweeps against whole runs with the same hooks. */
class KnockOutSweepTest {

  private static final double EXACT = 1e-12;
  private static final TokenBatch PROMPTS =
      TokenBatch.of(new int[] {5, 17, 42, 8}, new int[] {9, 9, 1});
  private static final int[] CORRECT = {7, 70};
  private static final int[] WRONG = {50};

  private static HookedGpt2 model;
  private static KnockOutSweep sweep;

  @BeforeAll
  static void load() throws IOException {
    model = HookedGpt2.load(Fixtures.model("tiny"), DataType.DOUBLE);
    sweep = KnockOutSweep.of(model, PROMPTS);
  }

  @AfterAll
  static void close() {
    sweep.close();
    model.close();
  }

  private static NextToken next(int prompt, HookRegistry hooks) {
    return NextToken.of(model.run(PROMPTS, hooks), prompt, PROMPTS.lastPos(prompt));
  }

  private static List<AblationTarget> everyKindOfTarget() {
    List<AblationTarget> targets = new ArrayList<>(AblationTarget.heads(model.config()));
    targets.addAll(AblationTarget.attentions(model.config()));
    targets.addAll(AblationTarget.mlps(model.config()));
    targets.addAll(AblationTarget.layers(model.config()));
    targets.addAll(AblationTarget.neurons(1, 0, 127));
    for (HookPoint point :
        List.of(
            HookPoint.of(Activation.EMBED),
            HookPoint.of(Activation.RESID_PRE, 1),
            HookPoint.of(Activation.LN_FINAL_NORMALIZED))) {
      targets.add(AblationTarget.of(point.name(), point, Part.everything().at(Positions.last())));
    }
    return targets;
  }

  @Test
  void everyRowIsAWholeRunWithTheTargetAblated() {
    List<AblationTarget> targets = everyKindOfTarget();
    KnockOutTable table =
        sweep.run(targets, Ablations.zero(), KnockOutColumn.ofAnswers(CORRECT, WRONG));
    assertThat(table.targets()).isEqualTo(targets);
    for (int row = 0; row < targets.size(); row++) {
      double[] sums = new double[7];
      for (int prompt = 0; prompt < 2; prompt++) {
        try (HookRegistry none = model.newHooks();
            HookRegistry hooks = model.newHooks()) {
          targets.get(row).register(Ablations.zero(), hooks);
          add(sums, next(prompt, none), next(prompt, hooks), CORRECT[prompt], WRONG[0]);
        }
      }
      double[] means = IntStream.range(0, 7).mapToDouble(i -> sums[i] / 2).toArray();
      assertThat(table.rows().get(row).means().stream().mapToDouble(Double::doubleValue).toArray())
          .as(targets.get(row).label())
          .containsExactly(means, within(EXACT));
      assertThat(means[0]).isPositive();
    }
  }

  /** Adds the quantities of the columns, from their definitions. */
  private static void add(double[] sums, NextToken p, NextToken q, int correct, int wrong) {
    double squares = 0;
    for (int t = 0; t < model.config().dVocab(); t++) {
      double pt = p.probability(t);
      double qt = q.probability(t);
      sums[0] += pt * Math.log(pt / qt);
      sums[1] += pt * Math.log(2 * pt / (pt + qt)) / 2 + qt * Math.log(2 * qt / (pt + qt)) / 2;
      sums[2] += Math.abs(pt - qt) / 2;
      squares += (pt - qt) * (pt - qt);
    }
    sums[3] += Math.sqrt(squares);
    sums[4] += p.probability(correct) - q.probability(correct);
    sums[5] += p.probability(wrong) - q.probability(wrong);
    sums[6] += p.logit(correct) - p.logit(wrong) - (q.logit(correct) - q.logit(wrong));
  }

  @Test
  void theLayerIsItsAttentionAndItsMlpTogether() {
    List<KnockOutColumn> kl = List.of(KnockOutColumn.of(Distance.KL));
    List<AblationTarget> attentions = AblationTarget.attentions(model.config());
    List<AblationTarget> mlps = AblationTarget.mlps(model.config());
    AblationTarget both = AblationTarget.together("both", List.of(attentions.get(1), mlps.get(1)));
    KnockOutTable table =
        sweep.run(
            List.of(AblationTarget.layers(model.config()).get(1), both, mlps.get(1)),
            Ablations.zero(),
            kl);
    assertThat(table.rows().get(0).means()).isEqualTo(table.rows().get(1).means());
    assertThat(table.rows().get(0).means()).isNotEqualTo(table.rows().get(2).means());
  }

  @Test
  void aKnockOutByTheMeanOfThePromptItselfChangesNothing() {
    TokenBatch prompt = TokenBatch.of(new int[] {3, 1, 4, 1, 5});
    try (KnockOutSweep ofOne = KnockOutSweep.of(model, prompt);
        CachedRun run = model.runWithCache(prompt.repeated(3), CacheSpec.of(Activation.Z))) {
      Hook mean = Ablations.meanPerPosition(ReferenceSet.of(run.cache()));
      KnockOutTable table =
          ofOne.run(
              AblationTarget.heads(model.config()),
              mean,
              KnockOutColumn.ofAnswers(new int[] {7}, new int[] {8}));
      for (KnockOutTable.Row row : table.rows()) {
        assertThat(row.means()).allSatisfy(x -> assertThat(x).isCloseTo(0, within(1e-8)));
      }
    }
  }

  @Test
  void whatIsRankedFirstChangesMost() {
    KnockOutTable table =
        sweep.run(
            AblationTarget.heads(model.config()),
            Ablations.zero(),
            KnockOutColumn.ofAnswers(CORRECT, WRONG));
    KnockOutTable ranked = table.ranked();
    List<Double> kl = ranked.rows().stream().map(row -> row.means().get(0)).toList();
    assertThat(kl).isSortedAccordingTo((a, b) -> Double.compare(b, a)).hasSize(8);
    assertThat(ranked.rows()).containsExactlyInAnyOrderElementsOf(table.rows());
    assertThat(ranked.means().slice("target", "L1H2").values())
        .isEqualTo(table.means().slice("target", "L1H2").values());
  }

  @Test
  void columnsStateDirectionAndUnit() {
    List<String> heads =
        KnockOutColumn.ofAnswers(CORRECT, WRONG).stream().map(KnockOutColumn::label).toList();
    assertThat(heads)
        .containsExactly(
            "KL(original ‖ ablated), nats",
            "Jensen–Shannon divergence of original and ablated, nats",
            "total variation distance of original and ablated",
            "L2 distance of the probabilities of original and ablated",
            "Δp(correct) = original − ablated",
            "Δp(wrong) = original − ablated",
            "Δ logit difference = original − ablated");
  }

  @Test
  void theTableIsWrittenAsOneHasIt(@TempDir Path folder) throws IOException {
    KnockOutColumn kl = KnockOutColumn.of(Distance.KL);
    KnockOutTable table =
        sweep.run(AblationTarget.mlps(model.config()), Ablations.zero(), List.of(kl));
    Path csv = folder.resolve("table.csv");
    ArrayFiles.writeCsvTable(csv, table.means());
    double first = table.rows().get(0).means().get(0);
    assertThat(Files.readAllLines(csv))
        .hasSize(3)
        .startsWith("target,\"KL(original ‖ ablated), nats\"", "mlp 0," + first);
    LabelledArray perPrompt = table.perPrompt(kl.label());
    assertThat((perPrompt.value(0, 0) + perPrompt.value(0, 1)) / 2).isEqualTo(first);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> table.perPrompt("TV"))
        .withMessageContaining("no label 'TV'");
  }

  @Test
  void aCancelledSweepKeepsWhatItHas() {
    List<Long> progress = new ArrayList<>();
    SweepMonitor stopsAfterTwo =
        new SweepMonitor() {
          @Override
          public void onProgress(long done, long total) {
            assertThat(total).isEqualTo(8);
            progress.add(done);
          }

          @Override
          public boolean isCancelled() {
            return progress.size() == 2;
          }
        };
    KnockOutTable table =
        sweep.run(
            AblationTarget.heads(model.config()),
            Ablations.zero(),
            KnockOutColumn.distances(),
            stopsAfterTwo);
    assertThat(progress).containsExactly(1L, 2L);
    assertThat(table.rows()).hasSize(2);
    assertThat(table.targets()).hasSize(8);
    assertThat(table.means().isAbsent(1, 3)).isFalse();
    assertThat(table.means().isAbsent(2, 0)).isTrue();
    assertThat(table.ranked().means().isAbsent(2, 0)).isTrue();
    assertThat(table.perPrompt(table.columns().get(0).label()).isAbsent(7, 1)).isTrue();
  }

  @Test
  void whatDoesNotFitIsRefusedBeforeAnythingRuns() {
    Hook neverCalled =
        (value, context) -> {
          throw new AssertionError("called");
        };
    List<KnockOutColumn> columns = KnockOutColumn.distances();
    List<AblationTarget> heads = AblationTarget.heads(model.config());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> sweep.run(List.of(AblationTarget.head(2, 0)), neverCalled, columns))
        .withMessage("layer 2 is out of range: tiny has layers 0 to 1");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> sweep.run(heads, neverCalled, List.of(KnockOutColumn.probability("?", 101))))
        .withMessageContaining("token id 101 is out of range");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> sweep.run(heads, neverCalled, KnockOutColumn.ofAnswers(CORRECT, new int[3])))
        .withMessageContaining("tokens are given for 3 prompts, there are 2");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                sweep.run(
                    List.of(heads.get(0), heads.get(0)), neverCalled, KnockOutColumn.distances()))
        .withMessageContaining("'L0H0' twice");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new AblationTarget("nothing", List.of()))
        .withMessageContaining("names nothing to ablate");
  }

  @Test
  void anAblationThatGivesNoNumbersIsNamed() {
    Hook infinite =
        (value, context) -> Nd4j.valueArrayOf(value.shape(), Double.NaN, DataType.DOUBLE);
    assertThatExceptionOfType(ArithmeticException.class)
        .isThrownBy(
            () ->
                sweep.run(List.of(AblationTarget.head(1, 3)), infinite, KnockOutColumn.distances()))
        .withMessage("tiny without L1H3 gives logits that are NaN");
  }

  @Test
  void aClosedSweepIsRefused() {
    KnockOutSweep closed = KnockOutSweep.of(model, PROMPTS);
    closed.close();
    closed.close();
    for (int layer = 0; layer < 2; layer++) {
      List<AblationTarget> target = List.of(AblationTarget.head(layer, 0));
      assertThatIllegalStateException()
          .isThrownBy(() -> closed.run(target, Ablations.zero(), KnockOutColumn.distances()));
    }
  }
}
