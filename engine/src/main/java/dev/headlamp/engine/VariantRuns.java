package dev.headlamp.engine;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Runs of one set of prompts in which one point at a time holds another value: as many together as
 * is good for the matrix products, and of each only what the change can reach. Positions in front
 * of the first that changed, blocks below the point, and in the last block what is not read, are
 * those of the unchanged run; a variant that changes nothing costs nothing. Values come from a run
 * of other prompts, and where the residual stream of a variant is that run's, so are queries, keys
 * and values.
 *
 * <p>Runs both sets of prompts once, when made, and holds what their points held until closed. For
 * one thread.
 */
public final class VariantRuns implements AutoCloseable {

  /** About as many floats may the widest array of a run have. */
  private static final int FLOATS = 16 << 20;

  private static final Set<Activation> SUPPORTED =
      EnumSet.of(
          Activation.RESID_PRE,
          Activation.RESID_MID,
          Activation.RESID_POST,
          Activation.ATTN_OUT,
          Activation.MLP_OUT,
          Activation.Q,
          Activation.K,
          Activation.V,
          Activation.PATTERN,
          Activation.Z);

  private final BaseRun base;
  private final SourceRun source;
  private final FreeRows free = new FreeRows();
  private final ChangeFinder finder;
  private final VariantPass pass;
  private final int mostRows;
  private final VariantQueue waiting;
  private long reach;

  private VariantRuns(Gpt2 model, BaseRun base, SourceRun source, LogitSelection reads) {
    this.base = base;
    this.source = source;
    this.finder = new ChangeFinder(model.config(), base, source, reads, free);
    this.mostRows = Math.max(64, FLOATS / model.config().dMlp());
    this.pass = model.variantPass(base, source, reads);
    long rowsOfOne = (long) base.tokens().batch() * base.tokens().length();
    this.waiting = model.variantQueue(Math.max(mostRows, rowsOfOne));
  }

  /** Returns whether variants of such a point can be run in this way on this model. */
  public static boolean supports(Gpt2 model, Activation activation) {
    return SUPPORTED.contains(activation) && model.kernels() instanceof CpuKernels;
  }

  /**
   * Runs the unchanged prompts, and those that variants take values from as far as they are not the
   * unchanged ones.
   *
   * @param tokens the prompts
   * @param others the prompts that values are taken from
   * @param reads the logits that are wanted
   * @param activations of which points there will be variants
   * @throws IllegalArgumentException if the model cannot do that for one of the activations, the
   *     prompts do not fit the model, or the two sets differ in number of prompts, of tokens, or in
   *     padding
   */
  public static VariantRuns of(
      Gpt2 model,
      TokenBatch tokens,
      TokenBatch others,
      LogitSelection reads,
      Set<Activation> activations) {
    for (Activation activation : activations) {
      if (!supports(model, activation)) {
        throw new IllegalArgumentException(
            "%s on %s has no variants to be run together"
                .formatted(activation.nameTemplate(), model.config().name()));
      }
    }
    Set<Activation> kept = EnumSet.noneOf(Activation.class);
    kept.addAll(activations);
    if (kept.contains(Activation.MLP_OUT)) {
      kept.add(Activation.RESID_MID);
    }
    BaseRun base = new BaseRun(model, tokens, reads, kept);
    try {
      SourceRun source = new SourceRun(model, base, others, Set.copyOf(activations));
      return new VariantRuns(model, base, source, reads);
    } catch (RuntimeException e) {
      base.close();
      throw e;
    }
  }

  /**
   * Returns the logits of the unchanged run, {@code [batch, selected positions, selected tokens]};
   * borrowed.
   */
  public INDArray baseLogits() {
    return base.logits();
  }

  /** Returns what a point of the unchanged run held; borrowed. */
  public INDArray baseValue(HookPoint point) {
    return base.value(point);
  }

  /**
   * Returns what a point holds in the run of the other prompts, with the point's axes; borrowed,
   * and valid until another point is asked for.
   *
   * @throws IllegalArgumentException if the model has no such layer, or the point is of none of the
   *     activations that there are variants of
   */
  public INDArray sourceValue(HookPoint point) {
    return source.value(point);
  }

  /**
   * Adds a variant. It is run sooner or later, at the latest by {@link #finish}: add them in the
   * order in which a run reaches their points, so that many can be run together.
   *
   * @param point where it differs: of an activation that this was made for
   * @param value what the point shall hold, with the point's axes; read during the call only
   * @param logits is given the variant's logits as {@link #baseLogits} has them, valid during the
   *     call only
   */
  public void add(HookPoint point, INDArray value, Consumer<INDArray> logits) {
    ChangedRows found = finder.changes(point, CpuKernels.buffer(value));
    if (found.instances().isEmpty()) {
      logits.accept(base.logits());
      return;
    }
    long reached = reached(found);
    if (reach + reached > mostRows || !waiting.takes(found.place())) {
      finish();
    }
    waiting.add(found, logits);
    free.giveBack(found.rows());
    reach += reached;
  }

  /** Returns at how many positions a change is felt at most. */
  private long reached(ChangedRows found) {
    long reached = 0;
    for (Instance instance : found.instances()) {
      reached += base.tokens().lastPos(instance.prompt()) + 1 - (long) instance.first();
    }
    return reached;
  }

  /** Runs what was added and not yet run. */
  public void finish() {
    if (waiting.isEmpty()) {
      return;
    }
    List<VariantStart> starts = waiting.starts();
    List<Consumer<INDArray>> consumers = waiting.consumers();
    long rows = reach;
    waiting.clear();
    reach = 0;
    pass.run(starts, consumers, rows);
  }

  /**
   * Gives the memory back; what was added and not run is forgotten. Closing again has no effect.
   */
  @Override
  public void close() {
    source.close();
    base.close();
    waiting.close();
  }
}
