package dev.headlamp.hooks.lens;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.engine.HookPoint;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * States of the residual stream on its way to a reader: {@code 0_pre} in front of layer 0, {@code
 * 1_pre}, and so on; last what the reader reads, which for the unembedding is {@code final_post}.
 * Holds no arrays: they are copied from the cache when asked for.
 */
public final class AccumulatedResidual {

  private final ResidualStream stream;
  private final boolean mid;

  AccumulatedResidual(ResidualStream stream, boolean mid) {
    this.stream = stream;
    this.mid = mid;
  }

  /** Returns the same with the states between attention and MLP: {@code 0_mid} and so on. */
  public AccumulatedResidual withMid() {
    return new AccumulatedResidual(stream, true);
  }

  /** Returns the name of each state, as TransformerLens has them. */
  public List<String> labels() {
    return points().stream().map(AccumulatedResidual::label).toList();
  }

  private static String label(HookPoint point) {
    return switch (point.activation()) {
      case RESID_PRE -> point.layer() + "_pre";
      case RESID_MID -> point.layer() + "_mid";
      default -> "final_post";
    };
  }

  /** Returns the points that hold the states, in the order of a run. */
  List<HookPoint> points() {
    Gpt2Config config = stream.model().config();
    HookPoint last = stream.point();
    List<HookPoint> points = new ArrayList<>();
    for (int layer = 0; layer < config.nLayers(); layer++) {
      points.add(HookPoint.of(Activation.RESID_PRE, layer));
      if (mid) {
        points.add(HookPoint.of(Activation.RESID_MID, layer));
      }
    }
    points.removeIf(point -> point.compareTo(last) >= 0);
    points.add(last);
    return points;
  }

  /**
   * Returns the states as they are, {@code [component, batch, pos, d_model]}, owned by the caller.
   *
   * @throws IllegalArgumentException if the cache lacks a point; the message names it
   * @throws IllegalStateException if the cache or the model is closed
   */
  public ResidualStack stack() {
    return Detached.call(() -> new ResidualStack(labels(), stream.rows(), states()));
  }

  /**
   * Returns the states through the reader's layer norm, gain and bias included, each divided by its
   * own standard deviation; as {@link #stack} otherwise.
   */
  public ResidualStack layerNormed() {
    return layerNormed(LayerNormScale.OWN);
  }

  /**
   * Returns the states through the reader's layer norm, gain and bias included; as {@link #stack}
   * otherwise.
   *
   * @param scale what each state is divided by
   */
  public ResidualStack layerNormed(LayerNormScale scale) {
    return Detached.call(
        () -> {
          INDArray states = states();
          stream
              .norm()
              .applyToStates(
                  states.reshape('c', states.length() / states.size(3), states.size(3)), scale);
          return new ResidualStack(labels(), stream.rows(), states);
        });
  }

  private INDArray states() {
    CachedRows rows = stream.rows();
    List<HookPoint> points = points();
    long width = stream.model().config().dModel();
    INDArray states =
        Nd4j.createUninitialized(
            stream.model().dataType(),
            new long[] {points.size(), rows.batch(), rows.perPrompt(), width},
            'c');
    for (int i = 0; i < points.size(); i++) {
      try (INDArray state = rows.of(points.get(i))) {
        states.slice(i).assign(state.reshape(rows.batch(), rows.perPrompt(), width));
      }
    }
    return states;
  }

  ResidualStream stream() {
    return stream;
  }
}
