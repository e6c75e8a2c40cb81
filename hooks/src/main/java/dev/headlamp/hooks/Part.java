package dev.headlamp.hooks;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.Dim;
import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.TokenBatch;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Which part of a point's array is meant: some heads, some positions, some sources of attention,
 * some neurons. Lists are empty where all are meant. Immutable.
 *
 * @param heads heads, for points with a head axis
 * @param positions positions of the {@code pos} axis, or of the {@code dest_pos} axis of scores and
 *     patterns
 * @param sources positions of the {@code src_pos} axis of scores and patterns
 * @param neurons entries of the last axis of points that end in {@code d_mlp}, {@code d_model} or
 *     {@code d_head}
 */
public record Part(
    List<Integer> heads, Positions positions, List<Integer> sources, List<Integer> neurons) {

  private static final Part EVERYTHING = new Part(List.of(), Positions.all(), List.of(), List.of());

  /** Copies the lists. */
  public Part {
    heads = List.copyOf(heads);
    Objects.requireNonNull(positions, "positions");
    sources = List.copyOf(sources);
    neurons = List.copyOf(neurons);
  }

  /** Returns the whole array. */
  public static Part everything() {
    return EVERYTHING;
  }

  /**
   * Returns this part with only the given heads.
   *
   * @throws IllegalArgumentException if none is given
   */
  public Part heads(int... heads) {
    return new Part(some("head", heads), positions, sources, neurons);
  }

  /** Returns this part at only the given positions. */
  public Part at(Positions positions) {
    return new Part(heads, positions, sources, neurons);
  }

  /** Returns this part at only the given positions of every prompt. */
  public Part at(int... positions) {
    return at(Positions.of(positions));
  }

  /**
   * Returns this part of an attention pattern with only the given positions attended to.
   *
   * @throws IllegalArgumentException if none is given
   */
  public Part sources(int... sources) {
    return new Part(heads, positions, some("source", sources), neurons);
  }

  /**
   * Returns this part with only the given entries of the last axis.
   *
   * @throws IllegalArgumentException if none is given
   */
  public Part neurons(int... neurons) {
    return new Part(heads, positions, sources, some("neuron", neurons));
  }

  private static List<Integer> some(String what, int[] values) {
    if (values.length == 0) {
      throw new IllegalArgumentException(
          "at least one " + what + " is needed; a part that names none has all of them");
    }
    return IntStream.of(values).boxed().toList();
  }

  boolean isEverything() {
    return heads.isEmpty()
        && positions instanceof Positions.All
        && sources.isEmpty()
        && neurons.isEmpty();
  }

  /**
   * Checks that a point has the axes that are restricted here, and its model the heads and neurons.
   *
   * @throws IllegalArgumentException if not
   */
  void checkFor(HookPoint point, Gpt2Config config) {
    Activation activation = point.activation();
    if (!heads.isEmpty()) {
      require(activation.has(Dim.HEAD), point, "head");
      heads.forEach(config::checkHead);
    }
    if (!(positions instanceof Positions.All)) {
      require(activation.has(Dim.POS) || activation.has(Dim.DEST), point, "position");
    }
    if (!sources.isEmpty()) {
      require(activation.has(Dim.SOURCE), point, "source");
    }
    if (!neurons.isEmpty()) {
      Dim last = activation.dims().get(activation.dims().size() - 1);
      require(last == Dim.D_MLP || last == Dim.D_MODEL || last == Dim.D_HEAD, point, "neuron");
      long width = activation.shape(config, 1, 1, 1)[activation.dims().size() - 1];
      for (int neuron : neurons) {
        if (neuron < 0 || neuron >= width) {
          throw new IllegalArgumentException(
              "neuron %d is out of range: the last axis of %s has entries 0 to %d"
                  .formatted(neuron, point, width - 1));
        }
      }
    }
  }

  private static void require(boolean present, HookPoint point, String axis) {
    if (!present) {
      throw new IllegalArgumentException(
          "%s has no %s axis: it holds %s".formatted(point, axis, point.activation().shapeText()));
    }
  }

  /**
   * Returns where this part lies in the array of a point.
   *
   * @param whole the array's shape
   * @throws IllegalArgumentException if a position lies outside it
   */
  PartIndex in(Activation activation, TokenBatch tokens, long[] whole) {
    PartIndex.Selection[] selections = new PartIndex.Selection[whole.length];
    for (int axis = 0; axis < selections.length; axis++) {
      selections[axis] = selection(activation, axis, tokens, whole[axis]);
    }
    return new PartIndex(selections);
  }

  private PartIndex.Selection selection(
      Activation activation, int axis, TokenBatch tokens, long length) {
    boolean last = axis == activation.dims().size() - 1;
    return switch (activation.dims().get(axis)) {
      case HEAD -> PartIndex.Selection.of(heads);
      case POS, DEST ->
          positions instanceof Positions.All
              ? PartIndex.Selection.all()
              : PartIndex.Selection.perPrompt(positions.resolve(tokens));
      case SOURCE -> PartIndex.Selection.of(checkedSources(length));
      case D_MLP, D_MODEL, D_HEAD ->
          last ? PartIndex.Selection.of(neurons) : PartIndex.Selection.all();
      case BATCH, D_VOCAB, ONE -> PartIndex.Selection.all();
    };
  }

  private List<Integer> checkedSources(long length) {
    for (int source : sources) {
      if (source < 0 || source >= length) {
        throw new IllegalArgumentException(
            "source position %d is out of range: this run attends to positions 0 to %d"
                .formatted(source, length - 1));
      }
    }
    return sources;
  }
}
