package dev.headlamp.engine;

import dev.headlamp.engine.Kernels.AttentionInputs;
import dev.headlamp.engine.MatrixProducts.Layout;
import dev.headlamp.engine.MatrixProducts.Size;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The attention of variants: over a variant's own keys and values where it differs, over those of
 * the base run elsewhere. The queries of all variants of a prompt meet the same keys of the base
 * run, which makes these products of matrices; those with their own keys are computed one by one.
 */
final class VariantAttention {

  /** About as many products with keys of the base run are in memory at a time. */
  private static final int SCORES = 1 << 20;

  /** So many rows are worth another core. */
  private static final int LEAST = 64;

  private final Gpt2Config config;
  private final MatrixProducts products;
  private final BaseRun base;
  private final TokenBatch tokens;
  private final int width;
  private final Deque<Walk> walks = new ConcurrentLinkedDeque<>();

  VariantAttention(Gpt2Config config, MatrixProducts products, BaseRun base) {
    this.config = config;
    this.products = products;
    this.base = base;
    this.tokens = base.tokens();
    this.width = config.nHeads() * config.dHead();
  }

  /**
   * Writes z of the rows that are wanted behind a block.
   *
   * @param inputs queries of the rows that are both changed and wanted, keys and values of all that
   *     are changed
   * @param entering where the variants differ in front of the block
   * @param reached where the block's output is wanted, of the same variants and prompts
   * @param rows which is which
   * @param z {@code [1, row, head·d_head]}
   */
  void run(
      RunMemory memory,
      int layer,
      AttentionInputs inputs,
      List<Instance> entering,
      List<Instance> reached,
      VariantRows rows,
      INDArray z) {
    Block block = new Block(layer, inputs, entering, reached, rows, z);
    int visible = block.visibleOfBase();
    if (visible == 0) {
      block.attend(IntStream.range(0, rows.count()).toArray());
      return;
    }
    int[][] ofPrompts = block.rowsOfPrompts();
    long limit = SCORES / ((long) config.nHeads() * visible);
    for (int prompt = 0; prompt < ofPrompts.length; ) {
      int most = ofPrompts[prompt].length;
      int next = prompt + 1;
      for (; next < ofPrompts.length; next++) {
        int more = Math.max(most, ofPrompts[next].length);
        if ((long) more * (next + 1 - prompt) > limit) {
          break;
        }
        most = more;
      }
      int together = next - prompt;
      int slice = (int) Math.max(1, Math.min(most, limit / together));
      for (int from = 0; from < most; from += slice) {
        int lanes = Math.min(slice, most - from);
        try (RunMemory scratch = memory.stretch()) {
          Lanes all = new Lanes(scratch, block, prompt, together, lanes, visible);
          all.run(ofPrompts, from);
        }
      }
      prompt = next;
    }
  }

  /** What is computed: the rows of one block. */
  private final class Block {
    private final int layer;
    private final List<Instance> entering;
    private final List<Instance> reached;
    private final FloatRows queries;
    private final FloatRows baseQueries;
    private final FloatRows keys;
    private final FloatRows values;
    private final FloatRows z;

    /** By instance: its first row among those changed, and among those wanted. */
    private final int[] firstChanged;

    private final int[] firstWanted;

    /** By row: its instance, and its place among the queries if it is changed. */
    private final int[] instances;

    private final int[] asked;

    Block(
        int layer,
        AttentionInputs inputs,
        List<Instance> entering,
        List<Instance> reached,
        VariantRows rows,
        INDArray z) {
      this.layer = layer;
      this.entering = entering;
      this.reached = reached;
      this.queries = FloatRows.of(inputs.q());
      this.baseQueries = base.rows(Activation.Q, layer);
      this.keys = FloatRows.of(inputs.k());
      this.values = FloatRows.of(inputs.v());
      this.z = FloatRows.of(z);
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

    void query(int row, float[] to) {
      if (asked[row] >= 0) {
        queries.get(asked[row], to);
      } else {
        baseQueries.get((prompt(row) * tokens.length()) + position(row), to);
      }
    }

    /** Computes rows that see no key of the base run. */
    void attend(int[] all) {
      walk(
          all.length,
          (walk, i) -> {
            walk.load(this, all[i]);
            walk.attend();
            z.put(all[i], walk.z);
          });
    }
  }

  /** As many rows of each of some prompts, and what they make of the base run's keys and values. */
  private final class Lanes {
    private static final int NONE = -1;

    private final Block block;
    private final int firstPrompt;
    private final int prompts;
    private final int lanes;
    private final int visible;
    private final INDArray vectors;
    private final INDArray scores;
    private final FloatRows vectorRows;
    private final FloatRows scoreRows;

    Lanes(RunMemory memory, Block block, int firstPrompt, int prompts, int lanes, int visible) {
      this.block = block;
      this.firstPrompt = firstPrompt;
      this.prompts = prompts;
      this.lanes = lanes;
      this.visible = visible;
      this.vectors = memory.allocate(1, (long) prompts * lanes, width);
      this.scores = memory.allocate(1, (long) prompts * lanes, (long) config.nHeads() * visible);
      this.vectorRows = FloatRows.of(vectors);
      this.scoreRows = FloatRows.of(scores);
    }

    void run(int[][] ofPrompts, int from) {
      int[] rows = new int[prompts * lanes];
      Arrays.fill(rows, NONE);
      for (int prompt = 0; prompt < prompts; prompt++) {
        int[] all = ofPrompts[firstPrompt + prompt];
        int count = Math.max(0, Math.min(lanes, all.length - from));
        System.arraycopy(all, Math.min(from, all.length), rows, prompt * lanes, count);
      }
      each(
          rows,
          (walk, lane) -> {
            block.query(rows[lane], walk.q);
            vectorRows.put(lane, walk.q);
          });
      products.multiplyHeads(
          new Size(prompts, config.nHeads(), lanes, config.dHead(), visible, false),
          1,
          ofVectors(),
          base(Activation.K),
          Layout.TRANSPOSED,
          ofScores());
      each(
          rows,
          (walk, lane) -> {
            walk.load(block, rows[lane]);
            scoreRows.get(lane, walk.scores(visible));
            walk.attend(visible);
            scoreRows.put(lane, walk.scores(visible));
            block.z.put(rows[lane], walk.z);
          });
      products.multiplyHeads(
          new Size(prompts, config.nHeads(), lanes, visible, config.dHead(), false),
          1,
          ofScores(),
          base(Activation.V),
          Layout.PLAIN,
          ofVectors());
      each(
          rows,
          (walk, lane) -> {
            block.z.get(rows[lane], walk.z);
            vectorRows.get(lane, walk.q);
            FloatMath.add(walk.q, walk.z, width);
            block.z.put(rows[lane], walk.z);
          });
    }

    private void each(int[] rows, Step step) {
      walk(
          rows.length,
          (walk, lane) -> {
            if (rows[lane] != NONE) {
              step.apply(walk, lane);
            }
          });
    }

    private HeadMatrices ofVectors() {
      return new HeadMatrices(vectors, 0, (long) lanes * width, config.dHead(), width);
    }

    private HeadMatrices ofScores() {
      long ofRow = (long) config.nHeads() * visible;
      return new HeadMatrices(scores, 0, lanes * ofRow, visible, ofRow);
    }

    private HeadMatrices base(Activation activation) {
      INDArray value = VariantAttention.this.base.value(HookPoint.of(activation, block.layer));
      return HeadMatrices.byPosition(value).from(firstPrompt, 0);
    }
  }

  private interface Step {
    void apply(Walk walk, int i);
  }

  /** Goes from 0 to {@code size - 1}, in stretches on all cores. */
  private void walk(int size, Step step) {
    Parallel.ranges(
        size,
        LEAST,
        (from, to) -> {
          Walk free = walks.poll();
          Walk walk = free == null ? new Walk() : free;
          walk.begin();
          for (int i = from; i < to; i++) {
            step.apply(walk, i);
          }
          walks.push(walk);
        });
  }

  /** Works on one row after another, with the keys and values of the variant at hand. */
  private final class Walk {
    private static final int NONE = -1;
    private static final float[] NO_SCORES = {};

    private final float[][] keys = new float[tokens.length()][];
    private final float[][] values = new float[tokens.length()][];
    private final boolean[] own = new boolean[tokens.length()];
    private final float[] q = new float[width];
    private final float[] z = new float[width];
    private final RowAttention attention = new RowAttention(config, tokens.length());
    private float[] scores = NO_SCORES;
    private int instance = NONE;
    private int from;
    private int to;
    private double divisor;

    void begin() {
      instance = NONE;
    }

    float[] scores(int visible) {
      int needed = config.nHeads() * visible;
      if (scores.length < needed) {
        scores = new float[needed];
      }
      return scores;
    }

    /** Turns to a row. */
    void load(Block block, int row) {
      if (instance != block.instances[row]) {
        instance = block.instances[row];
        loadOwn(block);
      }
      block.query(row, q);
      int pos = block.position(row);
      from = ChangeFinder.firstVisible(config, tokens, block.layer, block.prompt(row), pos);
      to = pos + 1;
      divisor = config.scoreDivisor(block.layer);
    }

    private void loadOwn(Block block) {
      Arrays.fill(own, false);
      Instance changed = block.entering.get(instance);
      for (int i = 0; i < changed.count(); i++) {
        int pos = changed.position(i);
        if (keys[pos] == null) {
          keys[pos] = new float[width];
          values[pos] = new float[width];
        }
        block.keys.get(block.firstChanged[instance] + i, keys[pos]);
        block.values.get(block.firstChanged[instance] + i, values[pos]);
        own[pos] = true;
      }
    }

    void attend() {
      attention.attend(q, keys, values, from, to, divisor, z);
    }

    void attend(int visible) {
      attention.attend(q, keys, values, own, scores, visible, from, to, divisor, z);
    }
  }
}
