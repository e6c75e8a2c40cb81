package dev.headlamp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headlamp.engine.StartPlace.Stage;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class VariantQueueTest {

  private static final StartPlace Z_OF_1 = new StartPlace(1, Stage.Z);
  private static final StartPlace PRE_OF_2 = new StartPlace(2, Stage.RESID_PRE);

  private static void ignore(INDArray logits) {}

  private static ChangedRows changes(StartPlace place, int prompt, int pos, float[]... rows) {
    ChangedRows changes = new ChangedRows(place, rows[0].length);
    int[] positions = new int[rows.length];
    for (int i = 0; i < rows.length; i++) {
      positions[i] = pos + i;
      changes.addRow(rows[i]);
    }
    changes.add(Instance.of(0, prompt, positions));
    return changes;
  }

  private static List<List<Float>> rows(VariantStart start, ArrayPool pool) {
    List<List<Float>> rows = new ArrayList<>();
    try (RunMemory memory = new RunMemory(pool)) {
      INDArray array = start.rows(memory);
      for (int row = 0; row < array.size(1); row++) {
        List<Float> values = new ArrayList<>();
        for (int i = 0; i < array.size(2); i++) {
          values.add(array.getFloat(0, row, i));
        }
        rows.add(values);
      }
    }
    return rows;
  }

  @Test
  void keepsTheRowsOfEveryPlaceTogetherWhateverTheirWidth() {
    try (ArrayPool pool = new ArrayPool(DataType.FLOAT, 1 << 20);
        VariantQueue queue = new VariantQueue(pool, 8, 3)) {
      float[] reused = {1, 2};
      queue.add(changes(Z_OF_1, 0, 4, reused), VariantQueueTest::ignore);
      reused[0] = -1;
      queue.add(
          changes(Z_OF_1, 1, 5, new float[] {3, 4}, new float[] {5, 6}), VariantQueueTest::ignore);
      queue.add(changes(PRE_OF_2, 1, 0, new float[] {7, 8, 9}), VariantQueueTest::ignore);

      List<VariantStart> starts = queue.starts();
      assertThat(starts).extracting(VariantStart::place).containsExactly(Z_OF_1, PRE_OF_2);
      assertThat(rows(starts.get(0), pool))
          .containsExactly(List.of(1f, 2f), List.of(3f, 4f), List.of(5f, 6f));
      assertThat(rows(starts.get(1), pool)).containsExactly(List.of(7f, 8f, 9f));
      assertThat(starts.get(0).instances()).extracting(Instance::variant).containsExactly(0, 1);
      assertThat(starts.get(1).instances()).extracting(Instance::variant).containsExactly(2);
      assertThat(queue.consumers()).hasSize(3);
    }
  }

  @Test
  void takesVariantsInTheOrderOfARunOnly() {
    try (ArrayPool pool = new ArrayPool(DataType.FLOAT, 1 << 20);
        VariantQueue queue = new VariantQueue(pool, 8, 2)) {
      assertThat(queue.takes(Z_OF_1)).isTrue();
      queue.add(changes(Z_OF_1, 0, 0, new float[] {1, 2}), VariantQueueTest::ignore);
      assertThat(queue.takes(new StartPlace(1, Stage.RESID_PRE))).isFalse();
      assertThat(queue.takes(new StartPlace(0, Stage.RESID_MID))).isFalse();
      assertThat(queue.takes(Z_OF_1)).isTrue();
      assertThat(queue.takes(new StartPlace(1, Stage.RESID_MID))).isTrue();
      assertThat(queue.takes(PRE_OF_2)).isTrue();
    }
  }

  @Test
  void givesItsMemoryBackOnce() {
    try (ArrayPool pool = new ArrayPool(DataType.FLOAT, 1 << 20)) {
      VariantQueue queue = new VariantQueue(pool, 8, 2);
      queue.close();
      queue.close();
      assertThat(pool.take(1, 8, 2)).isNotSameAs(pool.take(1, 8, 2));
    }
  }

  @Test
  void beginsAnewWhenItIsEmptied() {
    try (ArrayPool pool = new ArrayPool(DataType.FLOAT, 1 << 20);
        VariantQueue queue = new VariantQueue(pool, 1, 2)) {
      queue.add(changes(PRE_OF_2, 0, 0, new float[] {1, 2}), VariantQueueTest::ignore);
      queue.clear();
      assertThat(queue.isEmpty()).isTrue();
      queue.add(changes(Z_OF_1, 0, 0, new float[] {3, 4}), VariantQueueTest::ignore);
      assertThat(queue.starts()).hasSize(1);
      assertThat(rows(queue.starts().get(0), pool)).containsExactly(List.of(3f, 4f));
    }
  }
}
