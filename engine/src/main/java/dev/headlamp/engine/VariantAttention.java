package dev.headlamp.engine;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The attention of one block over changed rows, and over the base run's where nothing changed. */
final class VariantAttention {

  /** So many instances are worth another core. */
  private static final int LEAST = 8;

  private final Gpt2Config config;
  private final BaseRun base;
  private final TokenBatch tokens;
  private final int layer;
  private final int width;
  private final Map<Integer, BasePrompt> prompts = new HashMap<>();
  private final FloatRows queries;
  private final FloatRows keys;
  private final FloatRows values;
  private final FloatRows z;

  /**
   * Prepares a block.
   *
   * @param q queries of the rows that are both changed and wanted
   * @param k keys of the changed rows
   * @param v values of the changed rows
   * @param z what is written: the rows wanted
   */
  VariantAttention(
      Gpt2Config config,
      BaseRun base,
      int layer,
      FloatRows q,
      FloatRows k,
      FloatRows v,
      FloatRows z) {
    this.config = config;
    this.tokens = base.tokens();
    this.layer = layer;
    this.width = config.nHeads() * config.dHead();
    this.base = base;
    this.queries = q;
    this.keys = k;
    this.values = v;
    this.z = z;
  }

  /** What one prompt of the base run attended with, {@code [pos, head·d_head]} each. */
  private final class BasePrompt {
    private final float[] queries;
    private final float[] keys;
    private final float[] values;

    BasePrompt(int prompt) {
      this.queries = base.copy(Activation.Q, layer, prompt);
      this.keys = base.copy(Activation.K, layer, prompt);
      this.values = base.copy(Activation.V, layer, prompt);
    }
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
      prompts.computeIfAbsent(entering.get(i).prompt(), BasePrompt::new);
      changed += entering.get(i).count();
      for (int row = 0; row < reached.get(i).count(); row++) {
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

  private BasePrompt basePrompt(Instance instance) {
    return Objects.requireNonNull(prompts.get(instance.prompt()));
  }

  /** Goes through instances with the keys and values of the one at hand. */
  private final class Walk {
    private final VariantRows rows;
    private final float[] ownKeys = new float[tokens.length() * width];
    private final float[] ownValues = new float[ownKeys.length];
    private final RowTable keysOf = new RowTable(tokens.length());
    private final RowTable valuesOf = new RowTable(tokens.length());
    private final float[] q = new float[width];
    private final float[] row = new float[width];
    private final RowAttention attention = new RowAttention(config, tokens.length());

    Walk(VariantRows rows) {
      this.rows = rows;
    }

    void load(Instance instance, int firstChanged) {
      BasePrompt unchanged = basePrompt(instance);
      for (int pos = 0; pos < tokens.length(); pos++) {
        keysOf.set(pos, unchanged.keys, pos * width);
        valuesOf.set(pos, unchanged.values, pos * width);
      }
      for (int i = 0; i < instance.count(); i++) {
        int pos = instance.position(i);
        keys.get(firstChanged + i, ownKeys, pos * width);
        values.get(firstChanged + i, ownValues, pos * width);
        keysOf.set(pos, ownKeys, pos * width);
        valuesOf.set(pos, ownValues, pos * width);
      }
    }

    void attend(Instance reached, int firstRow, int firstQuery) {
      double divisor = config.scoreDivisor(layer);
      int query = firstQuery;
      for (int i = 0; i < reached.count(); i++) {
        int pos = reached.position(i);
        if (rows.changed(firstRow + i) >= 0) {
          queries.get(query++, q, 0);
        } else {
          System.arraycopy(basePrompt(reached).queries, pos * width, q, 0, width);
        }
        int from = ChangeFinder.firstVisible(config, tokens, layer, reached.prompt(), pos);
        attention.attend(q, keysOf, valuesOf, from, pos + 1, divisor, row);
        z.put(firstRow + i, row, 0);
      }
    }
  }
}
