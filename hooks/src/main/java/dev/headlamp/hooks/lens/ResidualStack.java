package dev.headlamp.hooks.lens;

import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Vectors of the residual stream, one for each component, prompt and position, in TransformerLens'
 * order of axes. Holds memory outside the Java heap until closed.
 */
public final class ResidualStack implements AutoCloseable {

  private final Axis components;
  private final CachedRows chosen;
  private final INDArray values;

  /** Takes over {@code [component, batch, pos, d_model]}. */
  ResidualStack(List<String> labels, CachedRows chosen, INDArray values) {
    this.components = new Axis("component", labels);
    this.chosen = chosen;
    this.values = values;
  }

  /** Returns the name of each component, as TransformerLens has them. */
  public List<String> labels() {
    return components.labels();
  }

  /**
   * Returns all vectors, {@code [component, batch, pos, d_model]}, owned by this stack.
   *
   * @throws IllegalStateException if this stack is closed
   */
  public INDArray values() {
    if (values.wasClosed()) {
      throw new IllegalStateException("this stack of " + labels().size() + " parts is closed");
    }
    return values;
  }

  /**
   * Returns the vectors of one component, {@code [batch, pos, d_model]}, a view of this stack's.
   *
   * @throws IllegalArgumentException if there is no component of this name
   * @throws IllegalStateException if this stack is closed
   */
  public INDArray get(String label) {
    return values().slice(components.indexOf(label));
  }

  /**
   * Returns a copy for reports, {@code [component, prompt, position, d_model]}.
   *
   * @param name what reports shall call it
   * @throws IllegalStateException if this stack is closed
   */
  public LabelledArray labelled(String name) {
    List<Axis> axes =
        List.of(
            components,
            chosen.promptAxis(),
            chosen.positionAxis(),
            Axis.numbered("d_model", Math.toIntExact(values().size(3))));
    return LabelledArray.of(name, "", axes, values());
  }

  /** Frees the vectors. Closing again has no effect. */
  @Override
  public void close() {
    if (values.closeable()) {
      values.close();
    }
  }
}
