package dev.headlamp.engine;

import dev.headlamp.weights.Checkpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A GPT-2: its configuration, its weights, and the forward pass. Immutable, and safe to be run from
 * many threads at once. Holds memory outside the Java heap until closed; closing a model that is
 * still running is an error of the caller.
 */
public final class Gpt2 implements AutoCloseable {

  /** What a model keeps of its runs' memory for later runs. */
  private static final long POOL_BYTES = 1L << 30;

  private final Gpt2Config config;
  private final Gpt2Weights weights;
  private final WeightProcessing processing;
  private final Kernels kernels;
  private final ArrayPool pool;

  private Gpt2(
      Gpt2Config config, Gpt2Weights weights, WeightProcessing processing, Kernels kernels) {
    this.config = config;
    this.weights = weights;
    this.processing = processing;
    this.kernels = kernels;
    this.pool = new ArrayPool(weights.dataType(), POOL_BYTES);
  }

  /**
   * Reads a checkpoint folder in Hugging Face's layout, as float32.
   *
   * @throws IOException if the folder is no checkpoint of a supported architecture, or its files
   *     are damaged
   */
  public static Gpt2 load(Path folder) throws IOException {
    return load(folder, DataType.FLOAT);
  }

  /**
   * Reads a checkpoint folder in Hugging Face's layout; the model is called as the folder is.
   *
   * @param type FLOAT, or DOUBLE for checking
   * @throws IOException if the folder is no checkpoint of a supported architecture, or its files
   *     are damaged
   */
  public static Gpt2 load(Path folder, DataType type) throws IOException {
    return load(folder, type, WeightProcessing.none());
  }

  /**
   * Reads a checkpoint folder in Hugging Face's layout, and processes the weights; the model is
   * called as the folder is.
   *
   * @param type FLOAT, or DOUBLE for checking
   * @throws IOException if the folder is no checkpoint of a supported architecture, or its files
   *     are damaged
   * @throws IllegalArgumentException if the attention matrices are to be refactored and hold NaN or
   *     infinity
   */
  @SuppressWarnings("try") // The scope is used by being open.
  public static Gpt2 load(Path folder, DataType type, WeightProcessing processing)
      throws IOException {
    Path name = folder.toAbsolutePath().normalize().getFileName();
    return load(name == null ? folder.toString() : name.toString(), folder, type, processing);
  }

  /**
   * Reads a checkpoint folder in Hugging Face's layout, and processes the weights a part at a time,
   * so that a large model is never there twice.
   *
   * @param name what errors and reports shall call the model
   * @param type FLOAT, or DOUBLE for checking
   * @throws IOException if the folder is no checkpoint of a supported architecture, or its files
   *     are damaged
   * @throws IllegalArgumentException if the attention matrices are to be refactored and hold NaN or
   *     infinity
   */
  @SuppressWarnings("try") // The scope is used by being open.
  public static Gpt2 load(String name, Path folder, DataType type, WeightProcessing processing)
      throws IOException {
    Objects.requireNonNull(processing, "processing");
    WeightsCheck.checkType(type);
    try (Checkpoint checkpoint = Checkpoint.open(folder);
        MemoryWorkspace outside = outsideWorkspaces()) {
      Gpt2Config config = Gpt2Config.from(name, checkpoint.config());
      Gpt2Weights read = WeightsReader.read(checkpoint, config, type);
      Gpt2Weights processed = WeightProcessor.consume(read, config, processing);
      return new Gpt2(config, processed, processing, kernelsFor(processed));
    }
  }

  /**
   * Returns a model of the given weights, which it owns from then on; it says of them that they are
   * not processed.
   *
   * @throws IllegalArgumentException if the weights are not of the shapes that the configuration
   *     states, or not all of one type, FLOAT or DOUBLE
   */
  public static Gpt2 of(Gpt2Config config, Gpt2Weights weights) {
    Objects.requireNonNull(config, "config");
    Objects.requireNonNull(weights, "weights");
    new WeightsCheck(config, weights.dataType()).check(weights);
    return new Gpt2(config, weights, WeightProcessing.none(), kernelsFor(weights));
  }

  private static Kernels kernelsFor(Gpt2Weights weights) {
    boolean onCpu = Nd4j.getBackend().getClass().getSimpleName().equals("CpuBackend");
    if (weights.dataType() != DataType.FLOAT || !onCpu) {
      return new Nd4jKernels();
    }
    if (OneDnn.isAvailable()) {
      return CpuKernels.byOneDnn(weights.factors());
    }
    return OpenBlas.isAvailable() ? CpuKernels.byOpenBlas() : new Nd4jKernels();
  }

  /**
   * Returns this model, of the same weights, computed by the operations that run on any ND4J
   * backend: what the faster ones for the CPU are checked against.
   */
  public Gpt2 onPortableOperations() {
    return new Gpt2(config, weights, processing, new Nd4jKernels());
  }

  /**
   * Returns a model with processed weights, all of its own; this one stays as it is. Steps that
   * this model has had are not repeated.
   *
   * @throws IllegalArgumentException if a step comes before one that this model has had, or the
   *     attention matrices are to be refactored and hold NaN or infinity
   */
  public Gpt2 processed(WeightProcessing steps) {
    requireOpen();
    WeightProcessing missing = processing.lacking(steps);
    Gpt2Weights copy = WeightProcessor.copy(weights, config, missing);
    return new Gpt2(config, copy, processing.and(missing), kernelsFor(copy));
  }

  /** Returns the sizes and switches of this model. */
  public Gpt2Config config() {
    return config;
  }

  /**
   * Returns the weights, borrowed.
   *
   * @throws IllegalStateException if this model is closed
   */
  public Gpt2Weights weights() {
    requireOpen();
    return weights;
  }

  /** Returns what was done to the weights since the checkpoint: to be stated by every report. */
  public WeightProcessing processing() {
    return processing;
  }

  /** Returns the type that this model computes in: FLOAT or DOUBLE. */
  public DataType dataType() {
    return weights.dataType();
  }

  /**
   * Runs the model.
   *
   * @return logits, or the residual stream if the run is stopped before; owned by the caller
   * @throws IllegalArgumentException if the run does not fit the model: a token id or a layer out
   *     of range, too many tokens, a residual stream of the wrong shape, or a hook that returned an
   *     array of another shape or type
   * @throws NanException if the run looks for NaN and finds one
   */
  @SuppressWarnings("try") // The scope is used by being open.
  public RunResult run(RunSpec spec) {
    requireOpen();
    try (MemoryWorkspace outside = outsideWorkspaces()) {
      return new ForwardPass(config, weights, kernels, pool, spec).run();
    }
  }

  /**
   * Returns a copy in memory that earlier runs have done with; owned by the caller, who closes it
   * or gives it to {@link #recycle}.
   */
  public INDArray copy(INDArray array) {
    return pool.copy(array);
  }

  /**
   * Takes an array that a run of this model handed out, and that nobody reads any more, to be
   * written into by a later run: fresh memory costs time.
   */
  public void recycle(INDArray array) {
    pool.giveBack(array);
  }

  /**
   * Returns the parts of a block that treat every position by itself, to be computed outside a run.
   *
   * @param layer the block, counted from 0
   * @throws IllegalArgumentException if there is no such layer
   * @throws IllegalStateException if this model is closed
   */
  public BlockRows blockRows(int layer) {
    requireOpen();
    return new BlockRows(config, weights.blocks().get(config.checkLayer(layer)), kernels, pool);
  }

  /**
   * Returns logits at the last position of prompts, computing what prompts share at their beginning
   * once: the time goes with the number of distinct beginnings, not with the sum of lengths. Where
   * nothing faster is there, in float64 for one, the prompts are run one after another.
   *
   * @param prompts token ids, not empty; of any lengths, in any order
   * @param tokens the tokens whose logits are wanted
   * @return {@code [prompt, token]}, owned by the caller
   * @throws IllegalArgumentException if there is no prompt or token, a token id is out of range, or
   *     a prompt is too long or empty
   */
  @SuppressWarnings("try") // The scope is used by being open.
  public INDArray lastLogits(List<int[]> prompts, int... tokens) {
    requireOpen();
    RunSpecCheck.checkPrompts(prompts, tokens, config);
    try (MemoryWorkspace outside = outsideWorkspaces()) {
      if (kernels instanceof CpuKernels) {
        return new PrefixTreeRun(config, weights, kernels, pool).logits(prompts, tokens);
      }
      INDArray logits = Nd4j.createUninitialized(dataType(), prompts.size(), tokens.length);
      for (int i = 0; i < prompts.size(); i++) {
        RunSpec one =
            RunSpec.of(TokenBatch.of(prompts.get(i)))
                .withLogits(LogitSelection.last().tokens(tokens));
        try (RunResult result = run(one)) {
          logits.putRow(i, result.logits().reshape('c', 1, tokens.length));
        }
      }
      return logits;
    }
  }

  Kernels kernels() {
    return kernels;
  }

  /** Only where the kernels are those of the CPU. */
  VariantPass variantPass(BaseRun base, SourceRun source, LogitSelection reads) {
    return new VariantPass(
        config,
        new RowPass(config, weights, kernels),
        new VariantAttention(config, (CpuKernels) kernels, base),
        base,
        source,
        reads,
        pool);
  }

  /** Returns a queue for variants of up to so many rows; only where the kernels are the CPU's. */
  VariantQueue variantQueue(long rows) {
    int widest = Math.max(config.dModel(), config.nHeads() * config.dHead());
    return new VariantQueue(pool, rows, widest);
  }

  private void requireOpen() {
    if (weights.wE().wasClosed()) {
      throw new IllegalStateException(config.name() + " is closed");
    }
  }

  /**
   * Returns an empty key-value cache for this model.
   *
   * @param batch number of prompts
   * @param capacity positions it shall have room for
   */
  @SuppressWarnings("try") // The scope is used by being open.
  public KeyValueCache newKeyValueCache(int batch, int capacity) {
    try (MemoryWorkspace outside = outsideWorkspaces()) {
      return KeyValueCache.create(config, batch, capacity, dataType());
    }
  }

  /**
   * Continues prompts.
   *
   * @throws IllegalArgumentException if a prompt and what is to be added exceed the context
   */
  public Generated generate(TokenBatch prompts, GenerationSpec spec) {
    return new Generator(this, prompts, spec).run();
  }

  /** Frees the weights. Closing again has no effect. */
  @Override
  public void close() {
    pool.close();
    kernels.close();
    weights.close();
  }

  /** An array from a workspace that the caller has open would be gone when that is closed. */
  private static MemoryWorkspace outsideWorkspaces() {
    return Nd4j.getMemoryManager().scopeOutOfWorkspaces();
  }
}
