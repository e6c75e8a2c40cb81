package dev.headlamp.engine;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The residual stream behind an attention of which some heads differ from the base run. Where those
 * are few, only they are multiplied by their part of W_O: what they add differs from what they add
 * in the base run by (z - z of the base run)·W_O.
 */
final class ChangedHeads {

  private static final int NONE = -1;

  /** Places are rounded up to this: a product is compiled for every number of rows. */
  private static final int STEP = 16;

  private final Gpt2Config config;
  private final RowPass pass;
  private final BaseRun base;
  private final int heads;
  private final int dHead;

  ChangedHeads(Gpt2Config config, RowPass pass, BaseRun base) {
    this.config = config;
    this.pass = pass;
    this.base = base;
    this.heads = config.nHeads();
    this.dHead = config.dHead();
  }

  /**
   * Returns the residual stream between attention and MLP.
   *
   * @param instances whose rows they are
   * @param z of these rows, {@code [1, row, head·d_head]}
   */
  INDArray residMid(RunMemory memory, int layer, List<Instance> instances, INDArray z) {
    int[] rows = base.rowsOf(instances);
    if (base.holds(Activation.RESID_MID, layer)) {
      int[] places = places(layer, rows, z);
      int most = (Arrays.stream(places).max().orElse(NONE) / STEP + 1) * STEP;
      if (isWorthIt(most, rows.length)) {
        INDArray differences = memory.allocate(1, (long) most * heads, dHead);
        if (subtract(layer, rows, z, places, differences)) {
          return added(memory, layer, rows, places, pass.headResults(memory, layer, differences));
        }
      }
    }
    return pass.residMid(
        memory, layer, z, base.gathered(memory, Activation.RESID_PRE, layer, instances));
  }

  /** Returns whether it is half the work at most, in no more memory than the MLP takes. */
  private boolean isWorthIt(int most, int rows) {
    return 2 * most <= rows && (long) most * heads * config.dModel() <= (long) rows * config.dMlp();
  }

  /**
   * Counts the rows at which each head differs: by row and head, how many of that head came before,
   * or {@link #NONE} if it is as in the base run.
   */
  private int[] places(int layer, int[] rows, INDArray z) {
    int[] places = new int[rows.length * heads];
    each(
        layer,
        rows,
        z,
        (row, ours, bases) -> {
          for (int head = 0; head < heads; head++) {
            int from = head * dHead;
            int to = from + dHead;
            boolean alike = Arrays.equals(ours, from, to, bases, from, to);
            places[(row * heads) + head] = alike ? NONE : 0;
          }
        });
    int[] counts = new int[heads];
    for (int i = 0; i < places.length; i++) {
      if (places[i] != NONE) {
        places[i] = counts[i % heads]++;
      }
    }
    return places;
  }

  /**
   * Writes by how much heads differ from the base run, {@code [1, place·head, d_head]}; returns
   * whether that is finite, and so can be added to what the base run has.
   */
  private boolean subtract(int layer, int[] rows, INDArray z, int[] places, INDArray differences) {
    FloatRows to = FloatRows.of(differences);
    AtomicBoolean finite = new AtomicBoolean(true);
    each(
        layer,
        rows,
        z,
        (row, ours, bases) -> {
          FloatMath.subtract(bases, ours, heads * dHead);
          for (int head = 0; head < heads; head++) {
            int place = places[(row * heads) + head];
            if (place == NONE) {
              continue;
            }
            int from = head * dHead;
            if (!Float.isFinite(FloatMath.sum(ours, from, from + dHead))) {
              finite.set(false);
            }
            to.put((place * heads) + head, ours, from);
          }
        });
    return finite.get();
  }

  /** Adds to the residual stream of the base run what heads add more than there. */
  private INDArray added(RunMemory memory, int layer, int[] rows, int[] places, INDArray ofHeads) {
    INDArray residMid = memory.allocate(1, rows.length, config.dModel());
    FloatRows from = base.rows(Activation.RESID_MID, layer);
    FloatRows more = FloatRows.of(ofHeads);
    FloatRows to = FloatRows.of(residMid);
    Parallel.ranges(
        rows.length,
        Parallel.least(config.dModel()),
        (first, end) -> {
          float[] sum = new float[config.dModel()];
          float[] ofHead = new float[config.dModel()];
          for (int row = first; row < end; row++) {
            from.get(rows[row], sum);
            for (int head = 0; head < heads; head++) {
              int place = places[(row * heads) + head];
              if (place != NONE) {
                more.get((place * heads) + head, ofHead);
                FloatMath.add(ofHead, sum, sum.length);
              }
            }
            to.put(row, sum);
          }
        });
    return residMid;
  }

  private interface Step {
    void apply(int row, float[] ours, float[] bases);
  }

  /** Goes through z of the rows, and that of the base run at the same positions. */
  private void each(int layer, int[] rows, INDArray z, Step step) {
    FloatRows ours = FloatRows.of(z);
    FloatRows bases = base.rows(Activation.Z, layer);
    Parallel.ranges(
        rows.length,
        Parallel.least(heads * dHead),
        (first, end) -> {
          float[] our = new float[heads * dHead];
          float[] ofBase = new float[heads * dHead];
          for (int row = first; row < end; row++) {
            ours.get(row, our);
            bases.get(rows[row], ofBase);
            step.apply(row, our, ofBase);
          }
        });
  }
}
