package dev.headlamp.engine;

import dev.headlamp.engine.Kernels.AttentionInputs;
import dev.headlamp.engine.StartPlace.Stage;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Runs changed rows from where they are changed to the logits. After a block every position from
 * the first changed one on is changed; all others are those of the base run.
 */
final class VariantPass {

  private final Gpt2Config config;
  private final RowPass pass;
  private final VariantAttention attention;
  private final ChangedHeads changedHeads;
  private final BaseRun base;
  private final SourceRun source;
  private final TokenBatch tokens;
  private final int[][] read;

  /** The tokens' positions among those read, each once, ascending. */
  private final int[][] wanted;

  private final int[] wantedTokens;
  private final ArraySource pool;
  private final int width;

  VariantPass(
      Gpt2Config config,
      RowPass pass,
      VariantAttention attention,
      BaseRun base,
      SourceRun source,
      LogitSelection reads,
      ArraySource pool) {
    this.config = config;
    this.pass = pass;
    this.attention = attention;
    this.changedHeads = new ChangedHeads(config, pass, base);
    this.base = base;
    this.source = source;
    this.tokens = base.tokens();
    this.read = reads.positions(tokens);
    this.wanted = new int[read.length][];
    for (int prompt = 0; prompt < read.length; prompt++) {
      int last = tokens.lastPos(prompt);
      wanted[prompt] =
          IntStream.of(read[prompt]).filter(pos -> pos <= last).distinct().sorted().toArray();
    }
    this.wantedTokens = reads.tokenIds();
    this.pool = pool;
    this.width = config.nHeads() * config.dHead();
  }

  /** Changed positions and what they hold, {@code [1, row, width]}, in one order. */
  private record Rows(List<Instance> instances, INDArray values) {}

  /**
   * Runs the variants and hands the logits of each, whole, to its consumer.
   *
   * @param starts where they begin to differ, in the order of a run, one for each place
   * @param consumers by the number of the variant
   * @param most at how many positions they differ at most, in any block
   */
  void run(List<VariantStart> starts, List<Consumer<INDArray>> consumers, long most) {
    try (RowBuffers buffers = RowBuffers.of(pool, most);
        RunMemory memory = new RunMemory(buffers)) {
      Rows rows = new Rows(List.of(), memory.allocate(1, 1, config.dModel()));
      for (int layer = starts.get(0).place().layer(); layer <= config.nLayers(); layer++) {
        Map<Stage, VariantStart> here = at(layer, starts);
        if (here.containsKey(Stage.RESID_PRE)) {
          rows = joined(memory, rows, rows(memory, here.get(Stage.RESID_PRE)));
        }
        int computed = rows.instances().size();
        if (here.containsKey(Stage.RESID_PRE_OF_SOURCE)) {
          rows = joined(memory, rows, rows(memory, here.get(Stage.RESID_PRE_OF_SOURCE)));
        }
        if (layer < config.nLayers()) {
          try (RunMemory block = memory.stretch()) {
            Rows behind = block(block, layer, rows, computed, here);
            memory.free(rows.values());
            rows = new Rows(behind.instances(), block.moveTo(memory, behind.values()));
          }
        }
      }
      handOver(rows.instances(), pass.logits(memory, rows.values(), wantedTokens), consumers);
    }
  }

  private static Map<Stage, VariantStart> at(int layer, List<VariantStart> starts) {
    Map<Stage, VariantStart> here = new EnumMap<>(Stage.class);
    for (VariantStart start : starts) {
      if (start.place().layer() == layer) {
        here.put(start.place().stage(), start);
      }
    }
    return here;
  }

  private static Rows rows(RunMemory memory, VariantStart start) {
    return new Rows(start.instances(), start.rows(memory));
  }

  private static Rows joined(RunMemory memory, Rows first, Rows second) {
    if (first.instances().isEmpty()) {
      memory.free(first.values());
      return second;
    }
    if (second.instances().isEmpty()) {
      return first;
    }
    List<Instance> instances = new ArrayList<>(first.instances());
    instances.addAll(second.instances());
    INDArray a = first.values();
    INDArray b = second.values();
    INDArray both = memory.allocate(1, Instance.count(instances), a.size(2));
    FloatRows to = FloatRows.of(both);
    FloatRows fromA = FloatRows.of(a);
    FloatRows fromB = FloatRows.of(b);
    int ofA = Instance.count(first.instances());
    Parallel.ranges(
        Instance.count(instances),
        Parallel.least(Math.toIntExact(a.size(2))),
        (from, end) -> {
          for (int row = from; row < Math.min(ofA, end); row++) {
            to.put(row, fromA, row);
          }
          for (int row = Math.max(ofA, from); row < end; row++) {
            to.put(row, fromB, row - ofA);
          }
        });
    memory.free(a);
    memory.free(b);
    return new Rows(instances, both);
  }

  /**
   * Returns the residual stream behind a block, where it differs and is wanted.
   *
   * @param computed how many instances come in front of those that are as in the source run
   */
  private Rows block(
      RunMemory memory, int layer, Rows residPre, int computed, Map<Stage, VariantStart> starts) {
    Rows mid = new Rows(List.of(), residPre.values());
    if (!residPre.instances().isEmpty()) {
      Rows z = attended(memory, layer, residPre, computed);
      INDArray entering = entering(memory, layer, residPre, z.instances());
      mid = new Rows(z.instances(), pass.residMid(memory, layer, z.values(), entering));
    }
    if (starts.containsKey(Stage.Z)) {
      Rows z = rows(memory, starts.get(Stage.Z));
      INDArray values = changedHeads.residMid(memory, layer, z.instances(), z.values());
      mid = joined(memory, mid, new Rows(z.instances(), values));
    }
    if (starts.containsKey(Stage.RESID_MID)) {
      mid = joined(memory, mid, rows(memory, starts.get(Stage.RESID_MID)));
    }
    return mid.instances().isEmpty()
        ? mid
        : new Rows(mid.instances(), pass.afterMid(memory, layer, mid.values()));
  }

  /** Returns z of a block wherever the change is felt and wanted. */
  private Rows attended(RunMemory memory, int layer, Rows residPre, int computed) {
    List<Instance> entering = residPre.instances();
    List<Instance> reached = reached(entering, layer);
    AttentionInputs own =
        attentionInputs(
            memory,
            layer,
            new Rows(entering.subList(0, computed), residPre.values()),
            reached.subList(0, computed));
    VariantRows rows = VariantRows.of(entering, reached);
    VariantBlock block =
        new VariantBlock(base, source, layer, computed, own, entering, reached, rows);
    return new Rows(reached, attention.z(memory, block));
  }

  /** Returns keys and values of all rows, and queries of those whose output is wanted. */
  private AttentionInputs attentionInputs(
      RunMemory memory, int layer, Rows residPre, List<Instance> reached) {
    int count = Instance.count(residPre.instances());
    if (count == 0) {
      INDArray unread = memory.allocate(1, 1, width);
      return new AttentionInputs(unread, unread, unread);
    }
    INDArray normalized = pass.normalized(memory, layer, first(count, residPre.values()));
    VariantRows rows = VariantRows.of(residPre.instances(), reached);
    AttentionInputs inputs =
        rows.areAllChanged()
            ? pass.attentionInputs(memory, layer, normalized)
            : new AttentionInputs(
                queries(memory, layer, normalized, rows.changedAndReached()),
                pass.keys(memory, layer, normalized),
                pass.values(memory, layer, normalized));
    memory.free(normalized);
    return inputs;
  }

  private static INDArray first(int count, INDArray rows) {
    if (count == rows.size(1)) {
      return rows;
    }
    long[] shape = {1, count, rows.size(2)};
    return Nd4j.create(rows.data(), shape, Nd4j.getStrides(shape, 'c'), 0, 'c');
  }

  private INDArray queries(RunMemory memory, int layer, INDArray normalized, int[] asking) {
    return asking.length == 0
        ? memory.allocate(1, 1, width) // Nobody asks, and nobody reads it.
        : pass.queries(memory, layer, pass.select(memory, normalized, asking));
  }

  /** Returns the residual stream entering a block where its output is wanted. */
  private INDArray entering(RunMemory memory, int layer, Rows residPre, List<Instance> reached) {
    VariantRows rows = VariantRows.of(residPre.instances(), reached);
    if (rows.areAllChanged()) {
      return residPre.values();
    }
    INDArray entering = base.gathered(memory, Activation.RESID_PRE, layer, reached);
    FloatRows to = FloatRows.of(entering);
    FloatRows from = FloatRows.of(residPre.values());
    for (int i = 0; i < rows.count(); i++) {
      if (rows.changed(i) >= 0) {
        to.put(i, from, rows.changed(i));
      }
    }
    return entering;
  }

  /** Returns where the block's output differs and is wanted. */
  private List<Instance> reached(List<Instance> instances, int layer) {
    boolean last = layer == config.nLayers() - 1;
    List<Instance> reached = new ArrayList<>(instances.size());
    for (Instance instance : instances) {
      int[] positions = wanted[instance.prompt()];
      reached.add(last ? instance.at(positions) : instance.upTo(positions[positions.length - 1]));
    }
    return reached;
  }

  private void handOver(
      List<Instance> instances, INDArray changed, List<Consumer<INDArray>> consumers) {
    INDArray whole = base.logits().dup('c');
    try {
      FloatBuffer baseLogits = CpuKernels.buffer(base.logits());
      FloatBuffer to = CpuKernels.buffer(whole);
      FloatBuffer from = CpuKernels.buffer(changed);
      float[] row = new float[Math.toIntExact(changed.size(2))];
      int next = 0;
      int i = 0;
      for (int variant = 0; variant < consumers.size(); variant++) {
        List<Integer> written = new ArrayList<>();
        for (; i < instances.size() && instances.get(i).variant() == variant; i++) {
          Instance instance = instances.get(i);
          for (int j = 0; j < instance.count(); j++) {
            from.get(next++ * row.length, row);
            for (int selected : selections(instance.prompt(), instance.position(j))) {
              to.put(selected * row.length, row);
              written.add(selected);
            }
          }
        }
        consumers.get(variant).accept(whole);
        for (int selected : written) {
          baseLogits.get(selected * row.length, row);
          to.put(selected * row.length, row);
        }
      }
    } finally {
      whole.close();
    }
  }

  /** Returns the rows of the logits that belong to a position. */
  private int[] selections(int prompt, int pos) {
    int[] of = read[prompt];
    return IntStream.range(0, of.length)
        .filter(i -> of[i] == pos)
        .map(i -> prompt * of.length + i)
        .toArray();
  }
}
