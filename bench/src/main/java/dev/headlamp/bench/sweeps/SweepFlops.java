package dev.headlamp.bench.sweeps;

import dev.headlamp.bench.runs.ForwardFlops;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * The least floating point operations that the sweeps must do, for one prompt, counting matrix
 * products with weights only (attention itself is less than a hundredth at 16 tokens).
 *
 * <p>What is counted: only positions from the patched one on change, and in the patched layer fewer
 * still; the last block's queries, output and MLP are needed at the last position only, and of the
 * unembedding next to nothing. A patch that changes nothing costs nothing: one at a position before
 * the first at which the prompts differ, and one of a masked entry of a pattern.
 *
 * @param sizes of the model
 * @param heads of a layer
 * @param tokens of a prompt
 * @param firstDifference the first position at which clean and corrupted prompts differ
 */
record SweepFlops(ForwardFlops sizes, int heads, int tokens, int firstDifference) {

  /** Returns what the whole sweep costs at least. */
  double least(SweepKind kind) {
    int all = tokens - firstDifference;
    return switch (kind) {
      case HEADS -> heads * overLayers(layer -> outputsFrom(layer, all, all));
      case RESIDUAL -> overPositions(pos -> overLayers(layer -> residual(layer, from(pos))));
      case HEADS_BY_POSITION ->
          heads
              * overPositions(
                  pos ->
                      overLayers(
                          layer ->
                              2 * outputsFrom(layer, 1, from(pos))
                                  + 2 * outputsFrom(layer, from(pos), from(pos))));
      case PATTERN ->
          heads
              * overPositions(
                  destination ->
                      (destination + 1)
                          * overLayers(layer -> outputsFrom(layer, 1, from(destination))));
    };
  }

  /** Returns what it costs to do it naively: a whole run with all logits for each patch. */
  double naive(SweepKind kind) {
    return patches(kind) * sizes.matrices(1, tokens);
  }

  /** Returns how many patches the sweep has. */
  long patches(SweepKind kind) {
    long layersAndHeads = (long) sizes.layers() * heads;
    return switch (kind) {
      case HEADS -> layersAndHeads;
      case RESIDUAL -> (long) sizes.layers() * tokens;
      case HEADS_BY_POSITION -> 4 * layersAndHeads * tokens;
      case PATTERN -> layersAndHeads * tokens * tokens;
    };
  }

  private int from(int pos) {
    return tokens - pos;
  }

  private double overLayers(IntToDoubleFunction cost) {
    return IntStream.range(0, sizes.layers()).mapToDouble(cost).sum();
  }

  private double overPositions(IntToDoubleFunction cost) {
    return IntStream.range(firstDifference, tokens).mapToDouble(cost).sum();
  }

  private double projection() {
    return 2.0 * sizes.width() * sizes.width();
  }

  private double mlp() {
    return 4.0 * sizes.width() * sizes.mlpWidth();
  }

  private boolean isLast(int layer) {
    return layer == sizes.layers() - 1;
  }

  /**
   * Returns the cost of one head's output changed in a layer.
   *
   * @param changed at how many positions it changes, the last of the prompt among them unless it is
   *     one position
   * @param following positions from the first changed one on
   */
  private double outputsFrom(int layer, int changed, int following) {
    double perPosition = projection() / heads + mlp();
    if (isLast(layer)) {
      return changed == following ? perPosition : 0;
    }
    double here = changed * perPosition;
    return changed == following
        ? here + everythingFrom(layer + 1, following)
        : here + residual(layer + 1, following);
  }

  /** Returns the cost of the residual stream changed at one position in front of a layer. */
  private double residual(int layer, int following) {
    if (isLast(layer)) {
      double query = following == 1 ? projection() : 0;
      return 2 * projection() + query + projection() + mlp();
    }
    return 3 * projection()
        + following * (projection() + mlp())
        + everythingFrom(layer + 1, following);
  }

  /** Returns the cost of all layers from one on, changed at the last {@code positions}. */
  private double everythingFrom(int layer, int positions) {
    int whole = Math.max(0, sizes.layers() - 1 - layer);
    double last = positions * 2 * projection() + 2 * projection() + mlp();
    return layer >= sizes.layers() ? 0 : whole * positions * sizes.blockPerToken() + last;
  }
}
