package dev.headlamp.engine;

import java.util.ArrayList;
import java.util.List;

/**
 * One named point of a forward pass: a kind of activation and, where there is one in every block,
 * the layer.
 *
 * @param activation what is held at the point
 * @param layer the block, counted from 0; {@link #NO_LAYER} for a point of the model as a whole
 */
public record HookPoint(Activation activation, int layer) implements Comparable<HookPoint> {

  /** The layer of a point that belongs to no block. */
  public static final int NO_LAYER = -1;

  /**
   * Checks that exactly the points of a block have a layer.
   *
   * @throws IllegalArgumentException if a block's point has a negative layer, or another has one
   */
  public HookPoint {
    if (activation.perLayer() ? layer < 0 : layer != NO_LAYER) {
      throw new IllegalArgumentException(
          activation.perLayer()
              ? activation.nameTemplate() + " needs a layer of 0 or more, not " + layer
              : activation.nameTemplate()
                  + " belongs to no layer, but layer "
                  + layer
                  + " is given");
    }
  }

  /** Returns the point of {@code activation} in block {@code layer}, counted from 0. */
  public static HookPoint of(Activation activation, int layer) {
    return new HookPoint(activation, layer);
  }

  /** Returns the point of an activation that exists once in the model. */
  public static HookPoint of(Activation activation) {
    return new HookPoint(activation, NO_LAYER);
  }

  /**
   * Returns the point that a name means in a model of {@code config}'s size: TransformerLens' full
   * names ({@code blocks.3.attn.hook_z}), their short forms ({@code z3}, {@code pre5}, {@code
   * normalized27ln2}) and aliases ({@code attn_logits2}); a negative layer counts from the end.
   *
   * @throws IllegalArgumentException if there is no such point; the message lists the nearest names
   */
  public static HookPoint parse(String name, Gpt2Config config) {
    return HookPointNames.parse(name, config);
  }

  /** Returns every point of a model of {@code config}'s size, in the order a run reaches them. */
  public static List<HookPoint> all(Gpt2Config config) {
    List<HookPoint> points = new ArrayList<>();
    points.add(of(Activation.EMBED));
    points.add(of(Activation.POS_EMBED));
    for (int layer = 0; layer < config.nLayers(); layer++) {
      for (Activation activation : Activation.values()) {
        if (activation.perLayer()) {
          points.add(of(activation, layer));
        }
      }
    }
    points.add(of(Activation.LN_FINAL_SCALE));
    points.add(of(Activation.LN_FINAL_NORMALIZED));
    points.add(of(Activation.UNEMBED_IN));
    points.add(of(Activation.UNEMBED_OUT));
    return points;
  }

  /**
   * Returns this point.
   *
   * @throws IllegalArgumentException if a model of {@code config}'s size has no such layer
   */
  public HookPoint checkedFor(Gpt2Config config) {
    if (activation.perLayer()) {
      config.checkLayer(layer);
    }
    return this;
  }

  /** Returns TransformerLens' name of this point, such as {@code blocks.3.attn.hook_z}. */
  public String name() {
    return activation.name(layer);
  }

  /** Orders points as a run reaches them. */
  @Override
  public int compareTo(HookPoint other) {
    int byStage = Integer.compare(stage(), other.stage());
    return byStage != 0 ? byStage : activation.compareTo(other.activation);
  }

  private int stage() {
    if (activation.perLayer()) {
      return layer;
    }
    return activation.compareTo(Activation.RESID_PRE) < 0 ? -1 : Integer.MAX_VALUE;
  }

  @Override
  public String toString() {
    return name();
  }
}
