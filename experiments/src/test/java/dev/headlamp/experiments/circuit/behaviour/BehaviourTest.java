package dev.headlamp.experiments.circuit.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.experiments.circuit.AblatedRuns;
import dev.headlamp.experiments.circuit.Circuit;
import dev.headlamp.experiments.circuit.CircuitNode;
import dev.headlamp.experiments.circuit.DemoTask;
import dev.headlamp.experiments.circuit.Head;
import dev.headlamp.experiments.circuit.HeadClass;
import dev.headlamp.experiments.circuit.HeadRole;
import dev.headlamp.experiments.circuit.IoiTask;
import dev.headlamp.experiments.circuit.ResultTable;
import dev.headlamp.experiments.ioi.IoiFlip;
import dev.headlamp.experiments.ioi.IoiPosition;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.HookRegistry;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.SweepMonitor;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** What heads and MLPs do, against formulas and identities. */
class BehaviourTest {

  private static HookedGpt2 model;
  private static AblatedRuns runs;

  @BeforeAll
  static void run() {
    model = DemoTask.model();
    runs = AblatedRuns.of(DemoTask.of(model, 20));
  }

  @AfterAll
  static void close() {
    runs.close();
    model.close();
  }

  @Test
  void theFitGivesBackWhatATableWasMadeOf() {
    // constant 0.5, position 2.31, token 0.99
    double[][] table = new double[3][2];
    for (int token = 0; token < 3; token++) {
      table[token][0] = 0.5 + 2.31 + 0.99 * (1 - token);
      table[token][1] = 0.5 - 2.31 + 0.99 * (1 - token);
    }
    assertThat(signals(table).fit()).containsExactly(new double[] {0.5, 2.31, 0.99}, within(1e-12));
  }

  @Test
  void thePapersTableGivesThePapersFit() {
    double[][] figureNine = {{3.55, -0.99}, {2.45, -1.96}, {1.77, -3.16}};
    double[] fit = signals(figureNine).fit();
    assertThat(fit[1]).isCloseTo(2.31, within(0.01));
    assertThat(fit[2]).isCloseTo(0.99, within(0.01));
  }

  @Test
  void thePapersFitMissesThePapersTableBySevenPerCent() {
    double[][] figureNine = {{3.55, -0.99}, {2.45, -1.96}, {1.77, -3.16}};
    LabelledArray fit = signals(figureNine).fitTable();
    assertThat(fit.axis("row").labels())
        .containsExactly("position", "token", "constant", "mean error without the constant, %");
    // Its figures are rounded to two digits, so that 7 can be 7.9.
    assertThat(fit.value(3, 0)).isBetween(6.5, 8.0);
  }

  @Test
  void outputsForAPrefixedPromptAreTakenFromWhereItsTokensStand() {
    IoiTask one = DemoTask.of(model, 1);
    int[] own = one.prompts().prompt(0);
    int[] longer = IntStream.concat(IntStream.of(own[0], 5, 6, 7), skipFirst(own)).toArray();
    Head head = new Head(1, 1);
    HookPoint z = HookPoint.of(Activation.Z, 1);
    int end = one.ioi().position(IoiPosition.END, 0);
    try (AblatedRuns ofOne = AblatedRuns.of(one);
        CachedRun source = model.runWithCache(TokenBatch.of(longer), CacheSpec.of(z));
        HookRegistry hooks = model.newHooks()) {
      hooks.add(
          z,
          (value, context) -> {
            for (int i = 0; i < model.config().dHead(); i++) {
              value.putScalar(
                  new int[] {0, end, 1, i}, source.cache().get(z).getDouble(0, end + 3, 1, i));
            }
            return value;
          });
      assertThat(
              ofOne.withOutputsFor(
                  List.of(new CircuitNode(head, IoiPosition.END)), TokenBatch.of(longer), 3))
          .isCloseTo(ofOne.logitDifference(hooks), within(1e-5))
          .isNotCloseTo(ofOne.original(), within(1e-3));
    }
  }

  private static IntStream skipFirst(int[] tokens) {
    return IntStream.of(tokens).skip(1);
  }

  @Test
  void aLongerPrefixFitsTheModelAndNothingFromItChangesNothing() {
    LongerPrefix longer = LongerPrefix.of(runs, List.of());
    assertThat(longer.tokens()).isEqualTo(64 - runs.task().prompts().length());
    assertThat(longer.table().value(1, 0)).isCloseTo(longer.table().value(0, 0), within(1e-5));
  }

  @Test
  void headsAccountForAllOfTheirOwnDropAndNoHeadsForNone() {
    List<CircuitNode> heads =
        List.of(
            new CircuitNode(new Head(0, 2), IoiPosition.END),
            new CircuitNode(new Head(0, 6), IoiPosition.END));
    LabelledArray all = SignalSources.of(runs, heads, heads).table();
    LabelledArray none = SignalSources.of(runs, List.of(), heads).table();
    InhibitionSignals signals = InhibitionSignals.of(runs, heads, 3);
    for (int row = 0; row < 2; row++) {
      assertThat(all.value(row, 2)).isCloseTo(100, within(1e-6));
      assertThat(none.value(row, 0)).isCloseTo(runs.original(), within(1e-5));
    }
    // Figure 9: position inverted, token as it is; and the other way round.
    assertThat(all.value(0, 1)).isEqualTo(signals.table().value(0, 1));
    assertThat(all.value(1, 1)).isEqualTo(signals.table().value(2, 0));
  }

  @Test
  void theAttentionOfAClassIsTheMeanOfItsHeads() {
    HeadClass movers =
        new HeadClass(
            HeadRole.NAME_MOVER, IoiPosition.END, List.of(new Head(1, 7), new Head(1, 1)));
    Circuit circuit = Circuit.of("two", "a test", List.of(movers));
    NameAttention attention = NameAttention.of(runs.task(), movers.nodes());
    assertThat(attention.byClass(circuit).value(0, 0))
        .isCloseTo(
            (attention.rows().get(0).toIo() + attention.rows().get(1).toIo()) / 2, within(1e-12));
    assertThat(attention.most().toIo())
        .isEqualTo(Math.max(attention.rows().get(0).toIo(), attention.rows().get(1).toIo()));
    assertThat(attention.most().scatter().x().size()).isEqualTo(2 * runs.task().ioi().size());
  }

  private static InhibitionSignals signals(double[][] table) {
    return new InhibitionSignals(
        ResultTable.of("signals", "logits", "original", "inverted")
            .add("original", table[0])
            .add("random", table[1])
            .add("inverted", table[2])
            .toArray());
  }

  @Test
  void allHeadsAtTheEndCarryTheWholeTokenSignal() {
    // Everything that END knows of the names comes through the heads there.
    List<CircuitNode> all =
        IntStream.range(0, 32)
            .mapToObj(i -> new CircuitNode(new Head(i / 8, i % 8), IoiPosition.END))
            .toList();
    InhibitionSignals signals = InhibitionSignals.of(runs, all, 3);
    IoiTask task = runs.task();
    assertThat(signals.table().value(0, 0)).isEqualTo(runs.original());
    try (INDArray logits = model.run(task.ioi().flipped(IoiFlip.S2_TO_IO, 3).tokens())) {
      assertThat(signals.table().value(2, 1)).isCloseTo(meanLogitDifference(logits), within(1e-3));
    }
  }

  private static double meanLogitDifference(INDArray logits) {
    IoiTask task = runs.task();
    return IntStream.range(0, task.ioi().size())
        .mapToDouble(
            i ->
                logits.getDouble(i, task.prompts().lastPos(i), task.ioi().answers()[i])
                    - logits.getDouble(i, task.prompts().lastPos(i), task.ioi().wrong()[i]))
        .average()
        .orElseThrow();
  }

  @Test
  void aCopyScoreIsTheShareOfNamesAmongTheFiveBest() {
    Head head = new Head(1, 4);
    IoiTask task = runs.task();
    HookPoint read = HookPoint.of(Activation.LN1_NORMALIZED, 1);
    int hits = 0;
    try (CachedRun run = model.runWithCache(task.prompts(), CacheSpec.of(read))) {
      for (int i = 0; i < task.ioi().size(); i++) {
        for (IoiPosition at : List.of(IoiPosition.IO, IoiPosition.S1, IoiPosition.S2)) {
          INDArray name =
              run.cache()
                  .get(read)
                  .get(
                      NDArrayIndex.point(i),
                      NDArrayIndex.point(task.ioi().position(at, i)),
                      NDArrayIndex.all());
          int id = at == IoiPosition.IO ? task.ioi().answers()[i] : task.ioi().wrong()[i];
          hits += rank(unembedded(written(name.dup().reshape(1, 128), head)), id) < 5 ? 1 : 0;
        }
      }
    }
    CopyScores scores = CopyScores.of(task, SweepMonitor.NONE);
    assertThat(scores.positive().value(1, 4)).isCloseTo(100.0 * hits / 60, within(1e-9));
    assertThat(hits).isBetween(20, 60);
  }

  private static INDArray written(INDArray name, Head head) {
    var block = model.engine().weights().blocks().get(head.layer());
    var columns = NDArrayIndex.interval(16L * head.index(), 16L * head.index() + 16);
    INDArray bV = block.bV();
    INDArray values = name.mmul(block.wV().get(NDArrayIndex.all(), columns).dup());
    if (bV != null) {
      values.addiRowVector(bV.get(columns).dup().reshape(1, 16));
    }
    return values.mmul(block.wO().get(columns, NDArrayIndex.all()).dup());
  }

  private static double[] unembedded(INDArray written) {
    double[] x = written.dup('c').data().asDouble();
    double mean = IntStream.range(0, 128).mapToDouble(i -> x[i]).sum() / 128;
    double variance =
        IntStream.range(0, 128).mapToDouble(i -> (x[i] - mean) * (x[i] - mean)).sum() / 128;
    INDArray normalised = written.sub(mean).div(Math.sqrt(variance + 1e-5));
    var lnFinal = model.engine().weights().lnFinal();
    normalised.muliRowVector(lnFinal.gain()).addiRowVector(lnFinal.bias());
    return normalised.mmul(model.engine().weights().wU()).dup('c').data().asDouble();
  }

  private static int rank(double[] logits, int id) {
    return (int) IntStream.range(0, logits.length).filter(i -> logits[i] > logits[id]).count();
  }

  @Test
  void theCorrelationIsPearsons() {
    assertThat(NameAttention.correlation(new double[] {1, 2, 3}, new double[] {2, 4, 6}))
        .isCloseTo(1, within(1e-12));
    assertThat(NameAttention.correlation(new double[] {1, 2, 3}, new double[] {1, 0, 2}))
        .isCloseTo(0.5, within(1e-12));
    assertThat(NameAttention.correlation(new double[] {1, 1}, new double[] {1, 2})).isNaN();
  }

  @Test
  void withNothingKnockedOutNothingIsGained() {
    BackupHeads backups = BackupHeads.of(runs, List.of());
    assertThat(backups.gained().stream()).allMatch(gain -> Math.abs(gain) < 1e-6);
    assertThat(backups.knockedOut()).isCloseTo(backups.model(), within(1e-5));
  }

  @Test
  void mlpsAreTakenOutOneByOneAndAllButTheFirst() {
    LabelledArray table = MlpRoles.of(runs, SweepMonitor.NONE).table();
    assertThat(table.axis("row").labels())
        .containsExactly("none", "mlp 0", "mlp 1", "mlp 2", "mlp 3", "all but mlp 0");
    assertThat(table.value(0, 0)).isEqualTo(runs.original());
  }

  @Test
  void aSentenceIsPutBetweenTheClauses() {
    AdversarialPrompts prompts = AdversarialPrompts.of(runs.task());
    assertThat(prompts.prompts())
        .isEqualTo(
            (int)
                runs.task().ioi().prompts().stream()
                    .filter(p -> p.text().contains(". " + p.subject2() + " "))
                    .count());
    assertThat(prompts.table().value(0, 1)).isBetween(0.5, 1.0);
  }
}
