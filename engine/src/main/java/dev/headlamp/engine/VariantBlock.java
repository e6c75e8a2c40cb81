package dev.headlamp.engine;

import dev.headlamp.engine.Kernels.AttentionInputs;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** The rows of variants whose attention is computed in one block, and what they attend with. */
final class VariantBlock {

  private static final int OF_BASE = -1;
  private static final int OF_SOURCE = -2;

  private final TokenBatch tokens;
  private final SourceRun source;
  private final int layer;
  private final AttentionInputs inputs;
  private final List<Instance> entering;
  private final List<Instance> reached;
  private final FloatRows queries;
  private final FloatRows baseQueries;
  private final FloatRows keys;
  private final FloatRows values;
  private final FloatRows sourceQueries;
  private final FloatRows sourceKeys;
  private final FloatRows sourceValues;

  /** How many instances were computed so far; the others enter with the source run's inputs. */
  private final int computed;

  /** By instance: its first row among those changed, and among those wanted. */
  private final int[] firstChanged;

  private final int[] firstWanted;

  /** By row: its instance, and its place among the queries, or whose query it has. */
  private final int[] instances;

  private final int[] asked;

  /**
   * Takes rows together.
   *
   * @param computed so many instances come first, others whose changed positions are all as in the
   *     source run behind them
   * @param inputs of the former: queries of the rows that are both changed and wanted, keys and
   *     values of all rows
   * @param entering where the variants differ in front of the block
   * @param reached where the block's output is wanted, of the same variants and prompts
   * @param rows which is which
   */
  VariantBlock(
      BaseRun base,
      SourceRun source,
      int layer,
      int computed,
      AttentionInputs inputs,
      List<Instance> entering,
      List<Instance> reached,
      VariantRows rows) {
    this.tokens = base.tokens();
    this.source = source;
    this.layer = layer;
    this.computed = computed;
    this.inputs = inputs;
    this.entering = entering;
    this.reached = reached;
    this.queries = FloatRows.of(inputs.q());
    this.baseQueries = base.rows(Activation.Q, layer);
    this.keys = FloatRows.of(inputs.k());
    this.values = FloatRows.of(inputs.v());
    this.sourceQueries = source.rows(Activation.Q, layer);
    this.sourceKeys = source.rows(Activation.K, layer);
    this.sourceValues = source.rows(Activation.V, layer);
    this.firstChanged = new int[entering.size()];
    this.firstWanted = new int[entering.size()];
    this.instances = new int[rows.count()];
    this.asked = new int[rows.count()];
    int changed = 0;
    int row = 0;
    int query = 0;
    for (int i = 0; i < firstChanged.length; i++) {
      firstChanged[i] = changed;
      firstWanted[i] = row;
      changed += entering.get(i).count();
      for (int j = 0; j < reached.get(i).count(); j++, row++) {
        instances[row] = i;
        if (rows.changed(row) < 0) {
          asked[row] = OF_BASE;
        } else {
          asked[row] = i < computed ? query++ : OF_SOURCE;
        }
      }
    }
  }

  /** Returns how many rows there are. */
  int rows() {
    return instances.length;
  }

  /** Returns whether every instance has, and is wanted at, rows at all positions of its prompt. */
  boolean areWholePrompts() {
    return !tokens.isPadded()
        && computed == entering.size()
        && Stream.concat(entering.stream(), reached.stream())
            .allMatch(instance -> instance.count() == tokens.length());
  }

  /** Returns queries, keys and values as they were given. */
  AttentionInputs inputs() {
    return inputs;
  }

  /** Returns behind which position no row sees a key of the base run. */
  int visibleOfBase() {
    int visible = 0;
    for (int i = 0; i < firstChanged.length; i++) {
      Instance before = entering.get(i);
      Instance behind = reached.get(i);
      if (behind.count() == 0) {
        continue;
      }
      int last = behind.position(behind.count() - 1);
      for (int j = before.differing() - 1; j >= 0 && before.differingAt(j) >= last; j--) {
        last = Math.min(last, before.differingAt(j) - 1);
      }
      if (last >= tokens.firstPos(behind.prompt())) {
        visible = Math.max(visible, last + 1);
      }
    }
    return visible;
  }

  /** Returns the rows of each prompt. */
  int[][] rowsOfPrompts() {
    int[] counts = new int[tokens.batch()];
    for (int instance : instances) {
      counts[reached.get(instance).prompt()]++;
    }
    int[][] ofPrompts = new int[counts.length][];
    Arrays.setAll(ofPrompts, prompt -> new int[counts[prompt]]);
    for (int row = instances.length - 1; row >= 0; row--) {
      int prompt = reached.get(instances[row]).prompt();
      ofPrompts[prompt][--counts[prompt]] = row;
    }
    return ofPrompts;
  }

  int position(int row) {
    int instance = instances[row];
    return reached.get(instance).position(row - firstWanted[instance]);
  }

  int prompt(int row) {
    return reached.get(instances[row]).prompt();
  }

  /** Reads a row's query: that of the base run where the variant does not differ. */
  void query(int row, float[] to) {
    switch (asked[row]) {
      case OF_BASE -> baseQueries.get((prompt(row) * tokens.length()) + position(row), to);
      case OF_SOURCE -> sourceQueries.get(source.row(prompt(row), position(row)), to);
      default -> queries.get(asked[row], to);
    }
  }

  int layer() {
    return layer;
  }

  /** Returns the number of the instance that a row belongs to. */
  int instance(int row) {
    return instances[row];
  }

  /** Returns where an instance differs in front of the block. */
  Instance entering(int instance) {
    return entering.get(instance);
  }

  /** Reads key and value of one of the positions at which an instance differs. */
  void keyAndValue(int instance, int place, float[] key, float[] value) {
    Instance at = entering.get(instance);
    if (instance >= computed || place < at.followed()) {
      int row = source.row(at.prompt(), at.differingAt(place));
      sourceKeys.get(row, key);
      sourceValues.get(row, value);
    } else {
      int row = firstChanged[instance] + place - at.followed();
      keys.get(row, key);
      values.get(row, value);
    }
  }
}
