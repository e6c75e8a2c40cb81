package dev.headlamp.hooks.ablation;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.hooks.Hook;
import dev.headlamp.hooks.HookRegistry;
import dev.headlamp.hooks.Part;
import dev.headlamp.hooks.Positions;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * A component of the model that is ablated as one: a head, an MLP, a neuron, a layer, or several.
 *
 * @param label what a table calls it, such as {@code L9H9}
 * @param sites the parts of points that are ablated, together
 */
public record AblationTarget(String label, List<Site> sites) {

  /**
   * A part of a point.
   *
   * @param point the point
   * @param part the part of it
   */
  public record Site(HookPoint point, Part part) {

    /** Checks that nothing is missing. */
    public Site {
      Objects.requireNonNull(point, "point");
      Objects.requireNonNull(part, "part");
    }
  }

  /**
   * Copies the list.
   *
   * @throws IllegalArgumentException if there is no site
   */
  public AblationTarget {
    Objects.requireNonNull(label, "label");
    sites = List.copyOf(sites);
    if (sites.isEmpty()) {
      throw new IllegalArgumentException("target " + label + " names nothing to ablate");
    }
  }

  /** Returns a part of a point. */
  public static AblationTarget of(String label, HookPoint point, Part part) {
    return new AblationTarget(label, List.of(new Site(point, part)));
  }

  /** Returns the output (z) of a head, called {@code L9H6}. */
  public static AblationTarget head(int layer, int head) {
    return head(Activation.Z, layer, head);
  }

  private static AblationTarget head(Activation activation, int layer, int head) {
    return of(
        "L" + layer + "H" + head, HookPoint.of(activation, layer), Part.everything().heads(head));
  }

  /** Returns the output (z) of every head of a model, layer by layer. */
  public static List<AblationTarget> heads(Gpt2Config config) {
    return heads(config, Activation.Z);
  }

  /**
   * Returns one activation of every head of a model, layer by layer.
   *
   * @param activation z or result for a head's output; q, k, v or pattern
   */
  public static List<AblationTarget> heads(Gpt2Config config, Activation activation) {
    return layersOf(config)
        .boxed()
        .flatMap(layer -> headsOf(config, activation, layer).stream())
        .toList();
  }

  /** Returns the output (z) of every head of one layer. */
  public static List<AblationTarget> heads(Gpt2Config config, int layer) {
    return headsOf(config, Activation.Z, config.checkLayer(layer));
  }

  private static List<AblationTarget> headsOf(Gpt2Config config, Activation activation, int layer) {
    return IntStream.range(0, config.nHeads())
        .mapToObj(head -> head(activation, layer, head))
        .toList();
  }

  /** Returns what the attention of each layer writes (attn_out), called {@code attn 0}. */
  public static List<AblationTarget> attentions(Gpt2Config config) {
    return layersOf(config)
        .mapToObj(layer -> whole("attn " + layer, Activation.ATTN_OUT, layer))
        .toList();
  }

  /** Returns what each MLP writes (mlp_out), called {@code mlp 0}. */
  public static List<AblationTarget> mlps(Gpt2Config config) {
    return layersOf(config)
        .mapToObj(layer -> whole("mlp " + layer, Activation.MLP_OUT, layer))
        .toList();
  }

  /** Returns what each layer writes (attn_out and mlp_out together), called {@code layer 0}. */
  public static List<AblationTarget> layers(Gpt2Config config) {
    return layersOf(config)
        .mapToObj(
            layer ->
                together(
                    "layer " + layer,
                    List.of(
                        whole("attn", Activation.ATTN_OUT, layer),
                        whole("mlp", Activation.MLP_OUT, layer))))
        .toList();
  }

  /** Returns neurons of an MLP (post), each a target of its own, called {@code L5N300}. */
  public static List<AblationTarget> neurons(int layer, int... neurons) {
    HookPoint post = HookPoint.of(Activation.MLP_POST, layer);
    return IntStream.of(neurons)
        .mapToObj(neuron -> of("L" + layer + "N" + neuron, post, Part.everything().neurons(neuron)))
        .toList();
  }

  private static AblationTarget whole(String label, Activation activation, int layer) {
    return of(label, HookPoint.of(activation, layer), Part.everything());
  }

  private static IntStream layersOf(Gpt2Config config) {
    return IntStream.range(0, config.nLayers());
  }

  /** Returns several targets as one, which are ablated together. */
  public static AblationTarget together(String label, List<AblationTarget> targets) {
    return new AblationTarget(
        label, targets.stream().flatMap(target -> target.sites.stream()).toList());
  }

  /** Returns this target at only the given positions. */
  public AblationTarget at(Positions positions) {
    return new AblationTarget(
        label, sites.stream().map(site -> new Site(site.point, site.part.at(positions))).toList());
  }

  /**
   * Registers an ablation of this target.
   *
   * @throws IllegalArgumentException if the model has no such point, or the point no such part
   */
  public void register(Hook ablation, HookRegistry hooks) {
    sites.forEach(site -> hooks.add(site.point, site.part, ablation));
  }

  /** Returns the last layer below which an ablation of this changes nothing. */
  int firstLayer(Gpt2Config config) {
    return sites.stream().mapToInt(site -> firstLayer(site.point, config)).min().orElseThrow();
  }

  private static int firstLayer(HookPoint point, Gpt2Config config) {
    if (point.activation().perLayer()) {
      return point.layer();
    }
    boolean atTheStart = point.compareTo(HookPoint.of(Activation.RESID_PRE, 0)) < 0;
    return atTheStart ? 0 : config.nLayers() - 1;
  }
}
