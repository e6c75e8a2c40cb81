package dev.headlamp.hooks.paths;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.Metric;
import dev.headlamp.hooks.Positions;
import dev.headlamp.hooks.SweepMonitor;
import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Edge patching: by how much a metric changes when one receiver reads what a sender writes for
 * other prompts, and everything else reads what it writes for these. To the receiver's input, and
 * to no other, the sender's result for the replacement prompts is added and its result for the
 * original ones subtracted.
 *
 * <p>Holds what both runs held at some points until closed. For one thread at a time.
 */
public final class EdgePatching implements AutoCloseable {

  private final RunPair runs;
  private final PathPatching paths;

  private EdgePatching(RunPair runs) {
    this.runs = runs;
    this.paths = new PathPatching(runs);
  }

  /**
   * Returns edge patching of one set of prompts with values of another.
   *
   * @param original the prompts that are patched
   * @param replacement the prompts that patched values come from, with tokens and padding at the
   *     same positions
   * @throws IllegalArgumentException if the two sets differ in number of prompts or of tokens
   */
  public static EdgePatching of(
      HookedGpt2 model, TokenBatch original, TokenBatch replacement, Metric metric) {
    return new EdgePatching(new RunPair(model, original, replacement, metric));
  }

  /** Returns the mean metric of the original prompts, which effects are counted from. */
  public double originalMetric() {
    return paths.originalMetric();
  }

  /**
   * Returns the effect of some edges, patched together at all positions.
   *
   * @throws IllegalArgumentException if there is no edge or one twice, or the model has not every
   *     sender and receiver
   * @throws IllegalStateException if this is closed
   */
  public double effect(Edge... edges) {
    return effect(List.of(edges), Positions.all());
  }

  /**
   * Returns the effect of some edges, patched together at the given positions.
   *
   * @throws IllegalArgumentException if there is no edge or one twice, the model has not every
   *     sender and receiver, or the prompts not every position
   * @throws IllegalStateException if this is closed
   */
  public double effect(List<Edge> edges, Positions positions) {
    runs.checkOpen();
    check(edges);
    Rows rows = Rows.of(positions.resolve(runs.tokens()), runs.tokens());
    Map<Receiver, List<Sender>> senders =
        edges.stream()
            .collect(
                Collectors.groupingBy(
                    Edge::receiver, Collectors.mapping(Edge::sender, Collectors.toList())));
    List<RowEdit> edits = new ArrayList<>();
    try {
      senders.forEach((receiver, into) -> edits.add(edit(receiver, into, rows)));
      int firstLayer = PathSpec.into(List.copyOf(senders.keySet())).firstLayer(runs.config());
      return runs.metrics(edits, 1, firstLayer)[0] - originalMetric();
    } finally {
      edits.forEach(edit -> edit.values().close());
    }
  }

  private void check(List<Edge> edges) {
    if (edges.isEmpty() || edges.stream().distinct().count() != edges.size()) {
      throw new IllegalArgumentException(
          "edges are needed, each once, not " + edges.stream().map(Edge::label).toList());
    }
    for (Edge edge : edges) {
      edge.sender().checkedFor(runs.config());
      edge.receiver().checkedFor(runs.config());
    }
  }

  private RowEdit edit(Receiver receiver, List<Sender> senders, Rows rows) {
    INDArray sum = runs.writtenDifference(senders.get(0), rows);
    for (Sender sender : senders.subList(1, senders.size())) {
      try (INDArray difference = runs.writtenDifference(sender, rows)) {
        sum.addi(difference);
      }
    }
    try (sum) {
      return RowEdit.adding(input(receiver), head(receiver), rows, Copies.of(sum, 1));
    }
  }

  /** Returns the point at which a receiver, and nothing else, reads the residual stream. */
  private HookPoint input(Receiver receiver) {
    if (receiver instanceof Receiver.HeadInput input) {
      Activation point =
          switch (input.activation()) {
            case Q -> Activation.Q_INPUT;
            case K -> Activation.K_INPUT;
            default -> Activation.V_INPUT;
          };
      return HookPoint.of(point, input.layer());
    }
    return receiver instanceof Receiver.MlpInput input
        ? HookPoint.of(Activation.MLP_IN, input.layer())
        : runs.finalResidual();
  }

  private static int head(Receiver receiver) {
    return receiver instanceof Receiver.HeadInput input ? input.head() : RowEdit.NO_HEAD;
  }

  /**
   * Returns the effect of every edge into a receiver from a head or an MLP, one at a time and at
   * all positions: {@code [layer, head]} of the sender, where the last entry of the second axis is
   * {@code mlp}. {@link LabelledArray#top} ranks them.
   *
   * @throws IllegalArgumentException if the model has not the receiver
   * @throws IllegalStateException if this is closed
   */
  public LabelledArray sweep(Receiver receiver) {
    return sweep(receiver, Positions.all(), SweepMonitor.NONE);
  }

  /**
   * As {@link #sweep(Receiver)}, at the given positions; what was not computed because {@code
   * monitor} cancelled, or the thread was interrupted, is absent.
   */
  public LabelledArray sweep(Receiver receiver, Positions positions, SweepMonitor monitor) {
    // With heads and MLPs frozen, the path into one receiver is the edge.
    PathSpec edge = PathSpec.into(receiver).freezing(Freezing.Z_AND_MLPS).at(positions);
    return paths.sweep(edge, monitor).named("edge patching " + edge.title());
  }

  /**
   * Returns the effect of every edge into some receivers, one edge at a time: {@code [receiver,
   * layer, head]}. Each receiver is a sweep of its own to the monitor.
   *
   * @throws IllegalArgumentException if there is no receiver or one twice, or the model has not
   *     every one
   * @throws IllegalStateException if this is closed
   */
  public LabelledArray sweep(List<Receiver> receivers, Positions positions, SweepMonitor monitor) {
    Axis axis = new Axis("receiver", receivers.stream().map(Receiver::label).toList());
    return LabelledArray.stack(
        "edge patching",
        axis,
        receivers.stream().map(receiver -> sweep(receiver, positions, monitor)).toList());
  }

  /** Frees what the two runs held. Closing again has no effect. */
  @Override
  public void close() {
    runs.close();
  }
}
