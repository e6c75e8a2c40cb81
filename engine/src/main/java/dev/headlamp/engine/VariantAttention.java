package dev.headlamp.engine;

import dev.headlamp.engine.ChangedRows.Instance;
import java.nio.FloatBuffer;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The attention of one block over changed rows, and over the base run's where nothing changed. */
final class VariantAttention {

  /** So many instances are worth another core. */
  private static final int LEAST = 8;

  private final Gpt2Config config;
  private final TokenBatch tokens;
  private final int layer;
  private final int width;
  private final FloatBuffer baseQueries;
  private final FloatBuffer baseKeys;
  private final FloatBuffer baseValues;
  private final FloatBuffer queries;
  private final FloatBuffer keys;
  private final FloatBuffer values;
  private final FloatBuffer z;

  /**
   * Prepares a block.
   *
   * @param q queries of the rows that are both changed and wanted
   * @param k keys of the changed rows
   * @param v values of the changed rows
   * @param z what is written: the rows wanted
   */
  VariantAttention(
      Gpt2Config config, BaseRun base, int layer, INDArray q, INDArray k, INDArray v, INDArray z) {
    this.config = config;
    this.tokens = base.tokens();
    this.layer = layer;
    this.width = config.nHeads() * config.dHead();
    this.baseQueries = base.floats(Activation.Q, layer);
    this.baseKeys = base.floats(Activation.K, layer);
    this.baseValues = base.floats(Activation.V, layer);
    this.queries = CpuKernels.buffer(q);
    this.keys = CpuKernels.buffer(k);
    this.values = CpuKernels.buffer(v);
    this.z = CpuKernels.buffer(z);
  }

  /** Computes all instances, on all cores. */
  void run(List<Instance> entering, List<Instance> reached, VariantRows rows) {
    int[] firstChanged = new int[entering.size()];
    int[] firstReached = new int[entering.size()];
    int[] firstQuery = new int[entering.size()];
    int changed = 0;
    int wanted = 0;
    int asked = 0;
    for (int i = 0; i < firstChanged.length; i++) {
      firstChanged[i] = changed;
      firstReached[i] = wanted;
      firstQuery[i] = asked;
      changed += entering.get(i).positions().size();
      for (int row = 0; row < reached.get(i).positions().size(); row++) {
        asked += rows.changed(wanted++) >= 0 ? 1 : 0;
      }
    }
    Parallel.ranges(
        entering.size(),
        LEAST,
        (from, to) -> {
          Walk walk = new Walk(rows);
          for (int i = from; i < to; i++) {
            walk.load(entering.get(i), firstChanged[i]);
            walk.attend(reached.get(i), firstReached[i], firstQuery[i]);
          }
        });
  }

  /** Goes through instances with the keys and values of the one at hand. */
  private final class Walk {
    private final VariantRows rows;
    private final float[] ownKeys = new float[tokens.length() * width];
    private final float[] ownValues = new float[ownKeys.length];
    private final float[] q = new float[width];
    private final float[] row = new float[width];
    private final RowAttention attention = new RowAttention(config, tokens.length());

    Walk(VariantRows rows) {
      this.rows = rows;
    }

    void load(Instance instance, int firstChanged) {
      int at = instance.prompt() * tokens.length() * width;
      baseKeys.get(at, ownKeys);
      baseValues.get(at, ownValues);
      int from = firstChanged;
      for (int pos : instance.positions()) {
        keys.get(from * width, ownKeys, pos * width, width);
        values.get(from++ * width, ownValues, pos * width, width);
      }
    }

    void attend(Instance reached, int firstRow, int firstQuery) {
      double divisor = config.scoreDivisor(layer);
      int next = firstRow;
      int query = firstQuery;
      for (int pos : reached.positions()) {
        if (rows.changed(next) >= 0) {
          queries.get(query++ * width, q);
        } else {
          baseQueries.get((reached.prompt() * tokens.length() + pos) * width, q);
        }
        int from = ChangeFinder.firstVisible(config, tokens, layer, reached.prompt(), pos);
        attention.attend(q, 0, ownKeys, ownValues, from, pos + 1, divisor, row, 0);
        z.put(next++ * width, row);
      }
    }
  }
}
