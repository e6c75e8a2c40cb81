package dev.headlamp.experiments.circuit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.experiments.ioi.IoiPosition;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.Hook;
import dev.headlamp.hooks.HookRegistry;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.Part;
import dev.headlamp.hooks.ablation.Ablations;
import dev.headlamp.hooks.ablation.ReferenceSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Ablated runs, against the toolkit's ablations, one head at a time. */
class AblatedRunsTest {

  private static final double TOLERANCE = 1e-4;

  private static HookedGpt2 model;
  private static IoiTask task;
  private static AblatedRuns runs;

  @BeforeAll
  static void run() {
    model = DemoTask.model();
    task = DemoTask.of(model, 31);
    runs = AblatedRuns.of(task);
  }

  @AfterAll
  static void close() {
    runs.close();
    model.close();
  }

  private static double meanLogitDifference(INDArray logits) {
    return IntStream.range(0, task.ioi().size())
        .mapToDouble(
            i ->
                logits.getDouble(i, task.prompts().lastPos(i), task.ioi().answers()[i])
                    - logits.getDouble(i, task.prompts().lastPos(i), task.ioi().wrong()[i]))
        .average()
        .orElseThrow();
  }

  @Test
  void theModelAsItIsGivesItsLogitDifference() {
    try (INDArray logits = model.run(task.prompts())) {
      assertThat(runs.original()).isCloseTo(meanLogitDifference(logits), within(TOLERANCE));
    }
    assertThat(runs.without(List.of())).isCloseTo(runs.original(), within(TOLERANCE));
  }

  @Test
  void aCircuitOfEveryHeadEverywhereOnThePathToTheEndIsTheModelsLastLayer() {
    // Heads of the last layer write nothing that matters anywhere but at END.
    List<CircuitNode> last =
        IntStream.range(0, 8)
            .mapToObj(head -> new CircuitNode(new Head(3, head), IoiPosition.END))
            .toList();
    try (HookRegistry hooks = model.newHooks();
        CachedRun reference = model.runWithCache(task.reference(), CacheSpec.of(Activation.Z))) {
      hooks.add(HookPoint.of(Activation.Z, 3), mean(reference));
      try (INDArray logits = model.run(task.prompts(), hooks)) {
        assertThat(runs.without(last)).isCloseTo(meanLogitDifference(logits), within(TOLERANCE));
      }
    }
  }

  private static Hook mean(CachedRun reference) {
    return Ablations.meanPerPosition(
        ReferenceSet.of(reference.cache()).withinGroups(task.ioi().groups(), task.ioi().groups()));
  }

  @Test
  void aCircuitIsWhatTheToolkitsAblationsLeaveOfIt() {
    List<CircuitNode> kept =
        List.of(
            new CircuitNode(new Head(0, 2), IoiPosition.END),
            new CircuitNode(new Head(0, 3), IoiPosition.IO),
            new CircuitNode(new Head(1, 1), IoiPosition.END));
    try (HookRegistry hooks = model.newHooks();
        CachedRun reference = model.runWithCache(task.reference(), CacheSpec.of(Activation.Z))) {
      Hook mean = mean(reference);
      BackwardTrace.heads(model.config())
          .forEach(
              head ->
                  hooks.add(
                      HookPoint.of(Activation.Z, head.layer()),
                      Part.everything().heads(head.index()),
                      Ablations.exceptAt(mean, positions(kept, head))));
      try (INDArray logits = model.run(task.prompts(), hooks)) {
        assertThat(runs.keeping(kept)).isCloseTo(meanLogitDifference(logits), within(TOLERANCE));
      }
    }
  }

  @Test
  void aRemovedHeadIsAblatedAtItsPositionOnly() {
    CircuitNode removed = new CircuitNode(new Head(0, 2), IoiPosition.END);
    try (HookRegistry hooks = model.newHooks();
        CachedRun reference = model.runWithCache(task.reference(), CacheSpec.of(Activation.Z))) {
      hooks.add(
          HookPoint.of(Activation.Z, 0),
          Part.everything().heads(2).at(task.ioi().positions(IoiPosition.END)),
          mean(reference));
      try (INDArray logits = model.run(task.prompts(), hooks)) {
        assertThat(runs.without(List.of(removed)))
            .isCloseTo(meanLogitDifference(logits), within(TOLERANCE))
            .isNotCloseTo(runs.original(), within(0.1));
      }
    }
  }

  private static int[][] positions(List<CircuitNode> kept, Head head) {
    return IntStream.range(0, task.ioi().size())
        .mapToObj(
            prompt ->
                kept.stream()
                    .filter(node -> node.head().equals(head))
                    .mapToInt(node -> task.ioi().position(node.position(), prompt))
                    .toArray())
        .toArray(int[][]::new);
  }

  @Test
  void aHeadThatTheModelHasNotIsRefused() {
    CircuitNode unknown = new CircuitNode(new Head(9, 9), IoiPosition.END);
    assertThatThrownBy(() -> runs.keeping(List.of(unknown)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("layer 9 is out of range");
  }
}
