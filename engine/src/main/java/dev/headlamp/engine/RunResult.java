package dev.headlamp.engine;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a run returns: logits, or the residual stream where it was stopped. Holds memory outside the
 * Java heap until closed; without closing it is freed when the garbage collector gets to it.
 */
public final class RunResult implements AutoCloseable {

  private final @Nullable INDArray logits;
  private final @Nullable INDArray residual;

  private final Consumer<INDArray> afterUse;
  private boolean closed;

  private RunResult(
      @Nullable INDArray logits, @Nullable INDArray residual, Consumer<INDArray> afterUse) {
    this.logits = logits;
    this.residual = residual;
    this.afterUse = afterUse;
  }

  /**
   * Returns the result of a whole run.
   *
   * @param afterUse what becomes of the array when the result is closed
   */
  static RunResult ofLogits(INDArray logits, Consumer<INDArray> afterUse) {
    return new RunResult(logits, null, afterUse);
  }

  static RunResult ofResidual(INDArray residual, Consumer<INDArray> afterUse) {
    return new RunResult(null, residual, afterUse);
  }

  /**
   * Returns the selected logits, {@code [batch, selected positions, selected tokens]}: {@code
   * [batch, pos, d_vocab]} unless the run asked for fewer. Owned by this result.
   *
   * @throws IllegalStateException if the run was stopped before the logits
   */
  public INDArray logits() {
    if (logits == null) {
      throw new IllegalStateException("this run was stopped before the logits; it has a residual");
    }
    return logits;
  }

  /**
   * Returns the residual stream {@code [batch, pos, d_model]} where the run was stopped. Owned by
   * this result.
   *
   * @throws IllegalStateException if the run went on to the logits
   */
  public INDArray residual() {
    if (residual == null) {
      throw new IllegalStateException("this run went on to the logits: stop it at a layer");
    }
    return residual;
  }

  /**
   * Hands the array of this result back to the model, for later runs to write into. Closing again
   * has no effect.
   */
  @Override
  public void close() {
    INDArray held = logits != null ? logits : residual;
    if (held != null && !closed) {
      closed = true;
      afterUse.accept(held);
    }
  }
}
