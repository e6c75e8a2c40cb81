package dev.headlamp.engine;

import dev.headlamp.engine.ChangedRows.Instance;
import dev.headlamp.engine.ChangedRows.Stage;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Runs changed rows from where they are changed to the logits. After a block every position from
 * the first changed one on is changed; all others are those of the base run.
 */
final class VariantPass implements AutoCloseable {

  private final Gpt2Config config;
  private final RowPass pass;
  private final BaseRun base;
  private final TokenBatch tokens;
  private final int[][] read;
  private final int[] wantedTokens;
  private final RowBuffers buffers;
  private final int width;

  VariantPass(Gpt2Config config, RowPass pass, BaseRun base, LogitSelection reads, int mostRows) {
    this.config = config;
    this.pass = pass;
    this.base = base;
    this.tokens = base.tokens();
    this.read = reads.positions(tokens);
    this.wantedTokens = reads.tokenIds();
    this.buffers = new RowBuffers(mostRows);
    this.width = config.nHeads() * config.dHead();
  }

  /**
   * Runs the variants and hands the logits of each, whole, to its consumer.
   *
   * @param consumers by the number of the variant
   */
  void run(ChangedRows changes, List<Consumer<INDArray>> consumers) {
    try (RunMemory memory = new RunMemory(buffers)) {
      List<Instance> instances = changes.instances();
      INDArray rows = array(memory, changes);
      int layer = changes.layer();
      if (changes.stage() == Stage.Z) {
        INDArray residPre = memory.allocate(1, changes.rows(), config.dModel());
        gather(instances, Activation.RESID_PRE, layer, residPre);
        rows = pass.afterAttention(memory, layer++, rows, residPre);
      } else if (changes.stage() == Stage.RESID_MID) {
        rows = pass.afterMid(memory, layer++, rows);
      }
      for (; layer < config.nLayers(); layer++) {
        List<Instance> reached = reached(instances, layer);
        try (RunMemory block = memory.stretch()) {
          INDArray next = block(block, layer, instances, rows, reached);
          memory.free(rows);
          rows = block.moveTo(memory, next);
        }
        instances = reached;
      }
      handOver(instances, pass.logits(memory, rows, wantedTokens), consumers);
    }
  }

  private INDArray array(RunMemory memory, ChangedRows changes) {
    INDArray rows = memory.allocate(1, changes.rows(), changes.width());
    CpuKernels.buffer(rows).put(0, changes.values(), 0, changes.rows() * changes.width());
    return rows;
  }

  private void gather(List<Instance> instances, Activation activation, int layer, INDArray to) {
    FloatBuffer from = base.floats(activation, layer);
    FloatBuffer rows = CpuKernels.buffer(to);
    float[] row = new float[config.dModel()];
    int next = 0;
    for (Instance instance : instances) {
      for (int pos : instance.positions()) {
        from.get(place(instance, pos) * row.length, row);
        rows.put(next++ * row.length, row);
      }
    }
  }

  private int place(Instance instance, int pos) {
    return instance.prompt() * tokens.length() + pos;
  }

  /** Returns where the block's output differs and is wanted. */
  private List<Instance> reached(List<Instance> instances, int layer) {
    boolean last = layer == config.nLayers() - 1;
    List<Instance> reached = new ArrayList<>();
    for (Instance instance : instances) {
      int first = instance.first();
      int[] wanted =
          IntStream.of(read[instance.prompt()])
              .filter(pos -> pos >= first && pos <= tokens.lastPos(instance.prompt()))
              .distinct()
              .sorted()
              .toArray();
      IntStream positions =
          last ? IntStream.of(wanted) : IntStream.rangeClosed(first, wanted[wanted.length - 1]);
      reached.add(new Instance(instance.variant(), instance.prompt(), positions.boxed().toList()));
    }
    return reached;
  }

  /**
   * Returns the residual stream behind a block, at the positions reached.
   *
   * @param instances the positions at which {@code residPre} differs from the base run
   */
  private INDArray block(
      RunMemory memory,
      int layer,
      List<Instance> instances,
      INDArray residPre,
      List<Instance> reached) {
    INDArray normalized = pass.normalized(memory, layer, residPre);
    int[] rowOf = rowOfReached(instances, reached);
    int[] changed = IntStream.of(rowOf).filter(row -> row >= 0).toArray();
    INDArray k = pass.keys(memory, layer, normalized);
    INDArray v = pass.values(memory, layer, normalized);
    INDArray z = memory.allocate(1, rowOf.length, width);
    Attending attending = new Attending(layer, k, v, z);
    if (changed.length > 0) {
      attending.queries =
          CpuKernels.buffer(pass.queries(memory, layer, pass.select(memory, normalized, changed)));
    }
    attending.run(instances, reached, rowOf);
    INDArray entering = residPre;
    if (changed.length < rowOf.length || rowOf.length < residPre.size(1)) {
      entering = memory.allocate(1, rowOf.length, config.dModel());
      gather(reached, Activation.RESID_PRE, layer, entering);
      overwrite(CpuKernels.buffer(entering), rowOf, CpuKernels.buffer(residPre));
    }
    return pass.afterAttention(memory, layer, z, entering);
  }

  /** Returns for each position reached the row in which it has changed, or -1. */
  private static int[] rowOfReached(List<Instance> instances, List<Instance> reached) {
    int[] rowOf = new int[reached.stream().mapToInt(r -> r.positions().size()).sum()];
    int row = 0;
    int next = 0;
    for (int i = 0; i < reached.size(); i++) {
      List<Integer> changed = instances.get(i).positions();
      for (int pos : reached.get(i).positions()) {
        int at = changed.indexOf(pos);
        rowOf[next++] = at < 0 ? -1 : row + at;
      }
      row += changed.size();
    }
    return rowOf;
  }

  private void overwrite(FloatBuffer rows, int[] rowOf, FloatBuffer changed) {
    float[] row = new float[config.dModel()];
    for (int i = 0; i < rowOf.length; i++) {
      if (rowOf[i] >= 0) {
        changed.get(rowOf[i] * row.length, row);
        rows.put(i * row.length, row);
      }
    }
  }

  /** The attention of one block: an instance after the other. */
  private final class Attending {
    private final int layer;
    private final FloatBuffer baseQueries;
    private final FloatBuffer baseKeys;
    private final FloatBuffer baseValues;
    private final FloatBuffer changedKeys;
    private final FloatBuffer changedValues;
    private final FloatBuffer z;
    private final float[] keys = new float[tokens.length() * width];
    private final float[] values = new float[keys.length];
    private final float[] q = new float[width];
    private final float[] row = new float[width];
    private final RowAttention attention = new RowAttention(config, tokens.length());
    private FloatBuffer queries = FloatBuffer.allocate(0);

    Attending(int layer, INDArray k, INDArray v, INDArray z) {
      this.layer = layer;
      this.baseQueries = base.floats(Activation.Q, layer);
      this.baseKeys = base.floats(Activation.K, layer);
      this.baseValues = base.floats(Activation.V, layer);
      this.changedKeys = CpuKernels.buffer(k);
      this.changedValues = CpuKernels.buffer(v);
      this.z = CpuKernels.buffer(z);
    }

    /** The queries that have changed stand in {@code queries}, in the order of the rows reached. */
    void run(List<Instance> instances, List<Instance> reached, int[] rowOf) {
      int changedRow = 0;
      int next = 0;
      int nextQuery = 0;
      for (int i = 0; i < instances.size(); i++) {
        Instance instance = instances.get(i);
        load(instance, changedRow);
        changedRow += instance.positions().size();
        for (int pos : reached.get(i).positions()) {
          if (rowOf[next] >= 0) {
            queries.get(nextQuery++ * width, q);
          } else {
            baseQueries.get(place(instance, pos) * width, q);
          }
          int from = ChangeFinder.firstVisible(config, tokens, layer, instance.prompt(), pos);
          double divisor = config.scoreDivisor(layer);
          attention.attend(q, 0, keys, values, from, pos + 1, divisor, row, 0);
          z.put(next++ * width, row);
        }
      }
    }

    private void load(Instance instance, int changedRow) {
      int at = place(instance, 0) * width;
      baseKeys.get(at, keys);
      baseValues.get(at, values);
      int from = changedRow;
      for (int pos : instance.positions()) {
        changedKeys.get(from * width, keys, pos * width, width);
        changedValues.get(from++ * width, values, pos * width, width);
      }
    }
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
          for (int pos : instance.positions()) {
            from.get(next++ * row.length, row);
            for (int selected : selections(instance.prompt(), pos)) {
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

  @Override
  public void close() {
    buffers.close();
  }
}
