package dev.headlamp.hooks;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.Dim;
import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.hooks.report.Axis;
import java.util.List;
import java.util.Objects;

/**
 * A family of patches: one activation, patched at every combination of some axes. What no axis
 * varies is patched whole.
 *
 * <p>The named sweeps are those of TransformerLens' {@code patching.py}; "out" of a head is z there
 * and here.
 *
 * @param activation what is patched
 * @param axes what varies, outermost first: the axes of the result
 */
public record PatchSweep(Activation activation, List<PatchAxis> axes) {

  /**
   * Checks that the activation has the axes.
   *
   * @throws IllegalArgumentException if it has one of them not, or one is named twice, or none is
   */
  public PatchSweep {
    Objects.requireNonNull(activation, "activation");
    axes = List.copyOf(axes);
    if (axes.isEmpty() || axes.stream().distinct().count() != axes.size()) {
      throw new IllegalArgumentException("a sweep needs axes, each once, not " + axes);
    }
    for (PatchAxis axis : axes) {
      if (!has(activation, axis)) {
        throw new IllegalArgumentException(
            "%s has no %s to sweep over: it holds %s"
                .formatted(activation.nameTemplate(), axis.label(), activation.shapeText()));
      }
    }
  }

  private static boolean has(Activation activation, PatchAxis axis) {
    return switch (axis) {
      case LAYER -> activation.perLayer();
      case POS -> activation.has(Dim.POS);
      case HEAD -> activation.has(Dim.HEAD);
      case DEST -> activation.has(Dim.DEST);
      case SOURCE -> activation.has(Dim.SOURCE);
    };
  }

  /** Returns a sweep of {@code activation} over the given axes, outermost first. */
  public static PatchSweep of(Activation activation, PatchAxis... axes) {
    return new PatchSweep(activation, List.of(axes));
  }

  /** Returns the residual stream entering each block, by position: [layer, pos]. */
  public static PatchSweep residPre() {
    return of(Activation.RESID_PRE, PatchAxis.LAYER, PatchAxis.POS);
  }

  /** Returns the residual stream between attention and MLP, by position: [layer, pos]. */
  public static PatchSweep residMid() {
    return of(Activation.RESID_MID, PatchAxis.LAYER, PatchAxis.POS);
  }

  /** Returns what each attention layer writes, by position: [layer, pos]. */
  public static PatchSweep attnOut() {
    return of(Activation.ATTN_OUT, PatchAxis.LAYER, PatchAxis.POS);
  }

  /** Returns what each MLP writes, by position: [layer, pos]. */
  public static PatchSweep mlpOut() {
    return of(Activation.MLP_OUT, PatchAxis.LAYER, PatchAxis.POS);
  }

  /**
   * Returns each head at all positions: [layer, head].
   *
   * @param activation z for the head's output, or q, k, v or pattern
   */
  public static PatchSweep head(Activation activation) {
    return of(activation, PatchAxis.LAYER, PatchAxis.HEAD);
  }

  /**
   * Returns each head by position: [layer, pos, head].
   *
   * @param activation z for the head's output, or q, k or v
   */
  public static PatchSweep headByPos(Activation activation) {
    return of(activation, PatchAxis.LAYER, PatchAxis.POS, PatchAxis.HEAD);
  }

  /** Returns each head's pattern by the position that attends: [layer, head, dest_pos]. */
  public static PatchSweep patternByDest() {
    return of(Activation.PATTERN, PatchAxis.LAYER, PatchAxis.HEAD, PatchAxis.DEST);
  }

  /** Returns each entry of each head's pattern: [layer, head, dest_pos, src_pos]. */
  public static PatchSweep patternByDestAndSource() {
    return of(
        Activation.PATTERN, PatchAxis.LAYER, PatchAxis.HEAD, PatchAxis.DEST, PatchAxis.SOURCE);
  }

  /** Returns z, q, k, v and pattern of each head at all positions: stacked, [5, layer, head]. */
  public static List<PatchSweep> everyHead() {
    return List.of(
        head(Activation.Z),
        head(Activation.Q),
        head(Activation.K),
        head(Activation.V),
        head(Activation.PATTERN));
  }

  /**
   * Returns z, q, k, v and pattern of each head by position, which for a pattern is the one that
   * attends: stacked, [5, layer, pos, head].
   */
  public static List<PatchSweep> everyHeadByPos() {
    return List.of(
        headByPos(Activation.Z),
        headByPos(Activation.Q),
        headByPos(Activation.K),
        headByPos(Activation.V),
        of(Activation.PATTERN, PatchAxis.LAYER, PatchAxis.DEST, PatchAxis.HEAD));
  }

  /**
   * Returns the residual stream, attention and MLP outputs by position: stacked, [3, layer, pos].
   */
  public static List<PatchSweep> everyBlock() {
    return List.of(residPre(), attnOut(), mlpOut());
  }

  /**
   * Returns the axes of this sweep's result.
   *
   * @param positionLabels what to call each position
   * @throws IllegalArgumentException if the activation is one of every block and no axis is the
   *     layer
   */
  public List<Axis> resultAxes(Gpt2Config config, List<String> positionLabels) {
    return checkedForLayers().axes().stream()
        .map(
            axis ->
                switch (axis) {
                  case LAYER -> Axis.numbered(axis.label(), config.nLayers());
                  case HEAD -> Axis.numbered(axis.label(), config.nHeads());
                  case POS, DEST, SOURCE -> new Axis(axis.label(), positionLabels);
                })
        .toList();
  }

  /** Returns this sweep, if it can be run: a patch is at one layer. */
  PatchSweep checkedForLayers() {
    if (activation.perLayer() && !axes.contains(PatchAxis.LAYER)) {
      throw new IllegalArgumentException(
          "a sweep of " + activation.nameTemplate() + " needs the layer axis");
    }
    return this;
  }

  /** Returns what a report calls this sweep, such as {@code z by layer, head}. */
  public String title() {
    return activation.shortName()
        + " by "
        + String.join(", ", axes.stream().map(PatchAxis::label).toList());
  }
}
