package dev.headlamp.hooks.paths;

import dev.headlamp.engine.Dim;
import dev.headlamp.engine.HookPoint;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * New values for some rows of a point, for several patches of one batch of prompts at once.
 *
 * @param point the point
 * @param head the head whose rows they are; {@link #NO_HEAD} for a point without heads
 * @param rows the rows
 * @param values {@code [patch, row, width]}
 * @param added whether they are added to what the point holds, instead of put in its place
 */
record RowEdit(HookPoint point, int head, Rows rows, INDArray values, boolean added) {

  static final int NO_HEAD = 0;

  static RowEdit putting(HookPoint point, int head, Rows rows, INDArray values) {
    return new RowEdit(point, head, rows, values, false);
  }

  static RowEdit adding(HookPoint point, int head, Rows rows, INDArray values) {
    return new RowEdit(point, head, rows, values, true);
  }

  /**
   * Writes the values.
   *
   * @param whole what the point holds, {@code [patch·batch, pos, width]} or {@code [patch·batch,
   *     pos, head, width]}, C order
   */
  void applyTo(INDArray whole) {
    long patches = values.size(0);
    long width = values.size(2);
    long heads = point.activation().has(Dim.HEAD) ? whole.size(2) : 1;
    INDArray target =
        whole.reshape('c', patches, whole.length() / (patches * heads * width), heads, width);
    for (int i = 0; i < rows.count(); i++) {
      INDArray place =
          target.get(
              NDArrayIndex.all(),
              NDArrayIndex.point(rows.row(i)),
              NDArrayIndex.point(head),
              NDArrayIndex.all());
      INDArray value = values.get(NDArrayIndex.all(), NDArrayIndex.point(i), NDArrayIndex.all());
      if (added) {
        place.addi(value);
      } else {
        place.assign(value);
      }
    }
  }
}
