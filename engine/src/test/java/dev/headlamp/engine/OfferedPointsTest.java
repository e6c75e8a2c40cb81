package dev.headlamp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Which points a run offers, in which order and in which shape. */
class OfferedPointsTest {

  private static final TokenBatch TOKENS =
      TokenBatch.of(new int[] {5, 17, 99, 3, 42, 0, 8}, new int[] {1, 2, 3});

  private static final Gpt2 MODEL = Tiny.FLOAT;

  @Test
  void everyPointIsOfferedOnceAndInOrder() {
    RecordingTap recorded = RecordingTap.everything();
    MODEL.run(RunSpec.of(TOKENS).withTap(recorded)).close();
    assertThat(recorded.points()).containsExactlyElementsOf(HookPoint.all(MODEL.config()));
    assertThat(List.copyOf(recorded.points())).isSorted();
  }

  @Test
  void everyPointIsOfferedInOrderToEditsToo() {
    RecordingTap recorded = RecordingTap.behind(EditTap.everywhere(MODEL.config(), INDArray::dup));
    MODEL.run(RunSpec.of(TOKENS).withTap(recorded)).close();
    assertThat(recorded.points()).containsExactlyElementsOf(HookPoint.all(MODEL.config()));
  }

  @Test
  void everyPointHasTheShapeItsKindStates() {
    RecordingTap recorded = RecordingTap.everything();
    MODEL.run(RunSpec.of(TOKENS).withTap(recorded)).close();
    assertShapes(recorded, 2, 7, 7);
  }

  @Test
  void behindAKeyValueCacheTheSourcePositionsIncludeThePast() {
    try (KeyValueCache past = MODEL.newKeyValueCache(2, 9)) {
      MODEL.run(RunSpec.of(TOKENS).withKeyValues(past)).close();
      RecordingTap recorded = RecordingTap.everything();
      TokenBatch next = TokenBatch.of(new int[] {4, 4}, new int[] {6, 6});
      MODEL.run(RunSpec.of(next).withKeyValues(past).withTap(recorded)).close();
      assertShapes(recorded, 2, 2, 9);
    }
  }

  @Test
  void aRunOffersOnlyThePointsItComputes() {
    RecordingTap start = RecordingTap.everything();
    INDArray residual;
    try (RunResult result = MODEL.run(RunSpec.of(TOKENS).withTap(start).stopAt(1))) {
      residual = result.residual().dup();
    }
    assertThat(start.points())
        .hasSize(2 + 23)
        .allMatch(point -> !point.activation().perLayer() || point.layer() == 0);
    RecordingTap rest = RecordingTap.everything();
    MODEL.run(RunSpec.of(TOKENS).withTap(rest).startAt(1, residual)).close();
    assertThat(rest.points())
        .hasSize(23 + 4)
        .allMatch(point -> !point.activation().perLayer() || point.layer() == 1);
  }

  @Test
  void onlyThePointsSomebodyIsInterestedInAreOffered() {
    HookPoint pattern = HookPoint.of(Activation.PATTERN, 1);
    RecordingTap recorded = RecordingTap.only(pattern);
    MODEL.run(RunSpec.of(TOKENS).withTap(recorded)).close();
    assertThat(recorded.points()).isEqualTo(Set.of(pattern));
  }

  private static void assertShapes(RecordingTap recorded, int batch, int positions, int keys) {
    for (HookPoint point : List.copyOf(recorded.points())) {
      long[] expected = point.activation().shape(MODEL.config(), batch, positions, keys);
      assertThat(recorded.get(point).shape()).as(point.name()).isEqualTo(expected);
    }
  }
}
