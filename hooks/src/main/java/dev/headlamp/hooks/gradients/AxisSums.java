package dev.headlamp.hooks.gradients;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.Dim;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.hooks.PatchAxis;
import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.List;

/** Adds the entries of points' arrays up over all axes but some. */
final class AxisSums {

  private final List<PatchAxis> kept;
  private final List<Axis> axes;
  private final int[] strides;
  private final double[] sums;

  /**
   * @param kept the axes of the result, outermost first
   * @param axes what they are called, in the same order
   */
  AxisSums(List<PatchAxis> kept, List<Axis> axes) {
    this.kept = kept;
    this.axes = axes;
    this.strides = new int[kept.size()];
    int size = 1;
    for (int i = strides.length - 1; i >= 0; i--) {
      strides[i] = size;
      size = Math.multiplyExact(size, axes.get(i).length());
    }
    this.sums = new double[size];
  }

  /**
   * Adds every entry of a point's array to the sum that it belongs to.
   *
   * @param shape of the point's array
   * @param values its entries in C order
   */
  void add(HookPoint point, long[] shape, double[] values) {
    int[] steps = steps(point.activation());
    int[] index = new int[shape.length];
    int at = point.activation().perLayer() ? point.layer() * stride(PatchAxis.LAYER) : 0;
    for (double value : values) {
      sums[at] += value;
      for (int axis = index.length - 1; axis >= 0; axis--) {
        at += steps[axis];
        if (++index[axis] < shape[axis]) {
          break;
        }
        at -= steps[axis] * index[axis];
        index[axis] = 0;
      }
    }
  }

  private int[] steps(Activation activation) {
    return activation.dims().stream().mapToInt(this::step).toArray();
  }

  private int step(Dim dim) {
    return switch (dim) {
      case POS -> stride(PatchAxis.POS);
      case HEAD -> stride(PatchAxis.HEAD);
      case DEST -> stride(PatchAxis.DEST);
      case SOURCE -> stride(PatchAxis.SOURCE);
      case BATCH, D_MODEL, D_HEAD, D_MLP, D_VOCAB, ONE -> 0;
    };
  }

  /** Returns how far apart neighbours along an axis lie in the result; 0 if it is summed over. */
  private int stride(PatchAxis axis) {
    int i = kept.indexOf(axis);
    return i < 0 ? 0 : strides[i];
  }

  LabelledArray result(String name, String unit) {
    return LabelledArray.of(name, unit, axes, sums);
  }
}
