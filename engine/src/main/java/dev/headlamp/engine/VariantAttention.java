package dev.headlamp.engine;

import dev.headlamp.engine.Kernels.AttentionInputs;
import dev.headlamp.engine.MatrixProducts.Layout;
import dev.headlamp.engine.MatrixProducts.Size;
import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The attention of variants: over a variant's own keys and values where it differs, over those of
 * the base run elsewhere. The queries of all variants of a prompt meet the same keys of the base
 * run, which makes these products of matrices; those with their own keys are computed one by one.
 * Where all differ at every position, and are wanted there, they are a batch like any other.
 */
final class VariantAttention {

  /** About as many products with keys of the base run are in memory at a time. */
  private static final int SCORES = 1 << 20;

  /** So many rows are worth another core. */
  private static final int LEAST = 64;

  private final Gpt2Config config;
  private final CpuKernels kernels;
  private final MatrixProducts products;
  private final BaseRun base;
  private final TokenBatch tokens;
  private final int width;
  private final Deque<VariantWalk> walks = new ConcurrentLinkedDeque<>();

  VariantAttention(Gpt2Config config, CpuKernels kernels, BaseRun base) {
    this.config = config;
    this.kernels = kernels;
    this.products = kernels.products();
    this.base = base;
    this.tokens = base.tokens();
    this.width = config.nHeads() * config.dHead();
  }

  /** Returns z of a block's rows, {@code [1, row, head·d_head]}. */
  INDArray z(RunMemory memory, VariantBlock block) {
    if (block.areWholePrompts()) {
      return ofWholePrompts(memory, block);
    }
    INDArray z = memory.allocate(1, block.rows(), width);
    FloatRows rows = FloatRows.of(z);
    int visible = block.visibleOfBase();
    if (visible > 0) {
      withBase(memory, block, visible, rows);
      return z;
    }
    walk(
        block.rows(),
        (walk, row) -> {
          walk.load(block, row);
          walk.attend();
          rows.put(row, walk.z());
        });
    return z;
  }

  /** Of whole prompts with keys of their own: like a run of so many prompts. */
  private INDArray ofWholePrompts(RunMemory memory, VariantBlock block) {
    AttentionInputs inputs = block.inputs();
    int layer = block.layer();
    int window = config.attentionWindows().get(layer);
    INDArray z =
        kernels.attend(
            memory,
            prompts(inputs.q()),
            prompts(inputs.k()),
            prompts(inputs.v()),
            config.scoreDivisor(layer),
            AttentionMask.of(memory, tokens, null, window),
            false);
    return z.reshape('c', 1, block.rows(), width);
  }

  /** Returns rows {@code [1, row, head, d_head]} as {@code [instance, pos, head, d_head]}. */
  private INDArray prompts(INDArray rows) {
    long length = tokens.length();
    long ofRow = rows.stride(1);
    return Nd4j.create(
        rows.data(),
        new long[] {rows.size(1) / length, length, config.nHeads(), config.dHead()},
        new long[] {length * ofRow, ofRow, config.dHead(), 1},
        0, // The data of a view begins where the view does.
        'c');
  }

  private void withBase(RunMemory memory, VariantBlock block, int visible, FloatRows z) {
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
          Lanes all = new Lanes(scratch, block, prompt, together, lanes, visible, z);
          all.run(ofPrompts, from);
        }
      }
      prompt = next;
    }
  }

  /** As many rows of each of some prompts, and what they make of the base run's keys and values. */
  private final class Lanes {
    private static final int NONE = -1;

    private final VariantBlock block;
    private final FloatRows z;
    private final int firstPrompt;
    private final int prompts;
    private final int lanes;
    private final int visible;
    private final INDArray vectors;
    private final INDArray scores;
    private final FloatRows vectorRows;
    private final FloatRows scoreRows;

    Lanes(
        RunMemory memory,
        VariantBlock block,
        int firstPrompt,
        int prompts,
        int lanes,
        int visible,
        FloatRows z) {
      this.block = block;
      this.z = z;
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
            block.query(rows[lane], walk.query());
            vectorRows.put(lane, walk.query());
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
            z.put(rows[lane], walk.z());
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
            z.get(rows[lane], walk.z());
            vectorRows.get(lane, walk.query());
            FloatMath.add(walk.query(), walk.z(), width);
            z.put(rows[lane], walk.z());
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
      INDArray value = VariantAttention.this.base.value(HookPoint.of(activation, block.layer()));
      return HeadMatrices.byPosition(value).from(firstPrompt, 0);
    }
  }

  private interface Step {
    void apply(VariantWalk walk, int i);
  }

  /** Goes from 0 to {@code size - 1}, in stretches on all cores. */
  private void walk(int size, Step step) {
    Parallel.ranges(
        size,
        LEAST,
        (from, to) -> {
          VariantWalk free = walks.poll();
          VariantWalk walk = free == null ? new VariantWalk(config, tokens) : free;
          walk.begin();
          for (int i = from; i < to; i++) {
            step.apply(walk, i);
          }
          walks.push(walk);
        });
  }
}
