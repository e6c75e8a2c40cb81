package dev.headlamp.engine;

import static dev.headlamp.engine.Dim.BATCH;
import static dev.headlamp.engine.Dim.DEST;
import static dev.headlamp.engine.Dim.D_HEAD;
import static dev.headlamp.engine.Dim.D_MLP;
import static dev.headlamp.engine.Dim.D_MODEL;
import static dev.headlamp.engine.Dim.D_VOCAB;
import static dev.headlamp.engine.Dim.HEAD;
import static dev.headlamp.engine.Dim.ONE;
import static dev.headlamp.engine.Dim.POS;
import static dev.headlamp.engine.Dim.SOURCE;

import java.util.List;
import java.util.stream.Collectors;

/**
 * The kinds of named points of a forward pass, in the order in which a run reaches them.
 *
 * <p>Names, shapes and meanings are TransformerLens' (2.16, and the legacy names of 3.x). This enum
 * is the only place where they are written down: parsing, printing, shapes, cache sizes and the
 * documentation page all come from it.
 */
public enum Activation {
  /** Rows of the token embedding. */
  EMBED("hook_embed", true, "token embedding rows", BATCH, POS, D_MODEL),
  /** Rows of the position embedding. */
  POS_EMBED("hook_pos_embed", true, "position embedding rows", BATCH, POS, D_MODEL),
  /** The residual stream entering a block. */
  RESID_PRE(
      "blocks.%d.hook_resid_pre", true, "residual stream entering the block", BATCH, POS, D_MODEL),
  /** The residual stream as each head reads it; an edit reaches q, k and v of that head. */
  ATTN_IN(
      "blocks.%d.hook_attn_in",
      false,
      "residual stream as each head reads it, before ln1; an edit reaches q, k and v of that head",
      BATCH,
      POS,
      HEAD,
      D_MODEL),
  /** The residual stream as the query of each head reads it. */
  Q_INPUT(
      "blocks.%d.hook_q_input",
      false, "the same as only the query of each head reads it", BATCH, POS, HEAD, D_MODEL),
  /** The residual stream as the key of each head reads it. */
  K_INPUT(
      "blocks.%d.hook_k_input",
      false, "the same as only the key of each head reads it", BATCH, POS, HEAD, D_MODEL),
  /** The residual stream as the value of each head reads it. */
  V_INPUT(
      "blocks.%d.hook_v_input",
      false, "the same as only the value of each head reads it", BATCH, POS, HEAD, D_MODEL),
  /** What the first layer norm divides by: sqrt(mean((x - mean)²) + eps). */
  LN1_SCALE(
      "blocks.%d.ln1.hook_scale", true, "sqrt(mean((x - mean)^2) + eps) of ln1", BATCH, POS, ONE),
  /** Output of the first layer norm, gain and bias included. */
  LN1_NORMALIZED(
      "blocks.%d.ln1.hook_normalized",
      true, "output of ln1, after gain and bias", BATCH, POS, D_MODEL),
  /** Queries, bias included. */
  Q("blocks.%d.attn.hook_q", true, "queries, bias included", BATCH, POS, HEAD, D_HEAD),
  /** Keys, bias included. */
  K("blocks.%d.attn.hook_k", true, "keys, bias included", BATCH, POS, HEAD, D_HEAD),
  /** Values, bias included. */
  V("blocks.%d.attn.hook_v", true, "values, bias included", BATCH, POS, HEAD, D_HEAD),
  /** Scaled and masked attention scores, before the softmax. */
  ATTN_SCORES(
      "blocks.%d.attn.hook_attn_scores",
      true,
      "q·k, scaled and masked (masked = -inf), before the softmax",
      BATCH,
      HEAD,
      DEST,
      SOURCE),
  /** Attention probabilities; the row of a padding query is all 0. */
  PATTERN(
      "blocks.%d.attn.hook_pattern",
      true,
      "attention probabilities, after the softmax; the row of a padding query is 0",
      BATCH,
      HEAD,
      DEST,
      SOURCE),
  /** Values mixed by the pattern. */
  Z("blocks.%d.attn.hook_z", true, "pattern · v", BATCH, POS, HEAD, D_HEAD),
  /** What each head writes: z · W_O of the head, without the output bias. */
  RESULT(
      "blocks.%d.attn.hook_result",
      false, "what each head writes: z · W_O of that head, without b_O", BATCH, POS, HEAD, D_MODEL),
  /** Sum of the heads' results and the output bias. */
  ATTN_OUT(
      "blocks.%d.hook_attn_out", true, "sum of the heads' results, plus b_O", BATCH, POS, D_MODEL),
  /** The residual stream between attention and MLP. */
  RESID_MID("blocks.%d.hook_resid_mid", true, "resid_pre + attn_out", BATCH, POS, D_MODEL),
  /** {@link #RESID_MID} as the MLP reads it; an edit does not touch the residual stream. */
  MLP_IN(
      "blocks.%d.hook_mlp_in",
      false,
      "resid_mid as the MLP reads it; an edit does not touch the residual stream",
      BATCH,
      POS,
      D_MODEL),
  /** What the second layer norm divides by. */
  LN2_SCALE(
      "blocks.%d.ln2.hook_scale", true, "sqrt(mean((x - mean)^2) + eps) of ln2", BATCH, POS, ONE),
  /** Output of the second layer norm, gain and bias included. */
  LN2_NORMALIZED(
      "blocks.%d.ln2.hook_normalized",
      true, "output of ln2, after gain and bias", BATCH, POS, D_MODEL),
  /** Neurons before the activation function. */
  MLP_PRE(
      "blocks.%d.mlp.hook_pre", true, "neurons before the activation function", BATCH, POS, D_MLP),
  /** Neurons after the activation function. */
  MLP_POST(
      "blocks.%d.mlp.hook_post", true, "neurons after the activation function", BATCH, POS, D_MLP),
  /** What the MLP writes, bias included. */
  MLP_OUT("blocks.%d.hook_mlp_out", true, "what the MLP writes, with b_out", BATCH, POS, D_MODEL),
  /** The residual stream leaving a block. */
  RESID_POST("blocks.%d.hook_resid_post", true, "resid_mid + mlp_out", BATCH, POS, D_MODEL),
  /** What the final layer norm divides by. */
  LN_FINAL_SCALE(
      "ln_final.hook_scale",
      true,
      "sqrt(mean((x - mean)^2) + eps) of the final layer norm",
      BATCH,
      POS,
      ONE),
  /** Output of the final layer norm, gain and bias included. */
  LN_FINAL_NORMALIZED(
      "ln_final.hook_normalized",
      true,
      "output of the final layer norm, after gain and bias",
      BATCH,
      POS,
      D_MODEL),
  /** What the unembedding reads. */
  UNEMBED_IN("unembed.hook_in", false, "what the unembedding reads", BATCH, POS, D_MODEL),
  /** The logits. */
  UNEMBED_OUT("unembed.hook_out", false, "the logits", BATCH, POS, D_VOCAB);

  private final String template;
  private final boolean cachedByDefault;
  private final String meaning;

  @SuppressWarnings("ImmutableEnumChecker") // List.of is immutable, its type does not say so.
  private final List<Dim> dims;

  Activation(String template, boolean cachedByDefault, String meaning, Dim... dims) {
    this.template = template;
    this.cachedByDefault = cachedByDefault;
    this.meaning = meaning;
    this.dims = List.of(dims);
  }

  /** Returns whether there is one such point in every block, rather than one in the model. */
  public boolean perLayer() {
    return template.contains("%d");
  }

  /**
   * Returns whether a run with cache keeps this point when nothing else is said: the points that
   * need no flag in TransformerLens.
   */
  public boolean cachedByDefault() {
    return cachedByDefault;
  }

  /** Returns the axes of the array held here, in order. */
  public List<Dim> dims() {
    return dims;
  }

  /** Returns whether the array held here has the axis {@code dim}. */
  public boolean has(Dim dim) {
    return dims.contains(dim);
  }

  /** Returns one line that says what is held here. */
  public String meaning() {
    return meaning;
  }

  /** Returns the axes as the field writes them, such as {@code [batch, pos, head, d_head]}. */
  public String shapeText() {
    return dims.stream().map(Dim::label).collect(Collectors.joining(", ", "[", "]"));
  }

  /** Returns the last part of the name without its prefix, such as {@code resid_pre}. */
  public String shortName() {
    return template.substring(template.lastIndexOf("hook_") + "hook_".length());
  }

  /** Returns the name with {@code {l}} for the layer, as documents print it. */
  public String nameTemplate() {
    return template.replace("%d", "{l}");
  }

  String name(int layer) {
    return perLayer() ? template.replace("%d", Integer.toString(layer)) : template;
  }

  /**
   * Returns the shape of the array held here.
   *
   * @param config sizes of the model
   * @param batch number of prompts
   * @param positions positions computed in this run
   * @param keys positions attended to: {@code positions}, plus those of a key-value cache
   */
  public long[] shape(Gpt2Config config, long batch, long positions, long keys) {
    return dims.stream().mapToLong(dim -> size(dim, config, batch, positions, keys)).toArray();
  }

  private static long size(Dim dim, Gpt2Config config, long batch, long positions, long keys) {
    return switch (dim) {
      case BATCH -> batch;
      case POS, DEST -> positions;
      case SOURCE -> keys;
      case HEAD -> config.nHeads();
      case D_MODEL -> config.dModel();
      case D_HEAD -> config.dHead();
      case D_MLP -> config.dMlp();
      case D_VOCAB -> config.dVocab();
      case ONE -> 1;
    };
  }
}
