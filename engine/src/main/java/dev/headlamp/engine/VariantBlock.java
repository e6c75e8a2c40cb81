package dev.headlamp.engine;

import dev.headlamp.engine.Kernels.AttentionInputs;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** The rows of variants whose attention is computed in one block, and what they attend with. */
final class VariantBlock {

  private final TokenBatch tokens;
  private final int layer;
  private final AttentionInputs inputs;
  private final List<Instance> entering;
  private final List<Instance> reached;
  private final FloatRows queries;
  private final FloatRows baseQueries;
  private final FloatRows keys;
  private final FloatRows values;

  /** By instance: its first row among those changed, and among those wanted. */
  private final int[] firstChanged;

  private final int[] firstWanted;

  /** By row: its instance, and its place among the queries if it is changed. */
  private final int[] instances;

  private final int[] asked;

  /**
   * Takes rows together.
   *
   * @param inputs queries of the rows that are both changed and wanted, keys and values of all that
   *     are changed
   * @param entering where the variants differ in front of the block
   * @param reached where the block's output is wanted, of the same variants and prompts
   * @param rows which is which
   */
  VariantBlock(
      BaseRun base,
      int layer,
      AttentionInputs inputs,
      List<Instance> entering,
      List<Instance> reached,
      VariantRows rows) {
    this.tokens = base.tokens();
    this.layer = layer;
    this.inputs = inputs;
    this.entering = entering;
    this.reached = reached;
    this.queries = FloatRows.of(inputs.q());
    this.baseQueries = base.rows(Activation.Q, layer);
    this.keys = FloatRows.of(inputs.k());
    this.values = FloatRows.of(inputs.v());
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
        asked[row] = rows.changed(row) >= 0 ? query++ : -1;
      }
    }
  }

  /** Returns how many rows there are. */
  int rows() {
    return instances.length;
  }

  /** Returns whether every instance differs, and is wanted, at all positions of its prompt. */
  boolean areWholePrompts() {
    return !tokens.isPadded()
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
      for (int j = before.count() - 1; j >= 0 && before.position(j) >= last; j--) {
        last = Math.min(last, before.position(j) - 1);
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
    if (asked[row] >= 0) {
      queries.get(asked[row], to);
    } else {
      baseQueries.get((prompt(row) * tokens.length()) + position(row), to);
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
    keys.get(firstChanged[instance] + place, key);
    values.get(firstChanged[instance] + place, value);
  }
}
