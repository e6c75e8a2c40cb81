package dev.headlamp.engine;

/** An axis of the array held at a named point. */
public enum Dim {
  /** The prompts of a batch. */
  BATCH("batch"),
  /** Token positions of this run. */
  POS("pos"),
  /** Attention heads of a block. */
  HEAD("head"),
  /** Query positions of an attention pattern: where attention goes to work. */
  DEST("dest_pos"),
  /** Key positions of an attention pattern, those of a key-value cache included. */
  SOURCE("src_pos"),
  /** Width of the residual stream. */
  D_MODEL("d_model"),
  /** Width of one head. */
  D_HEAD("d_head"),
  /** Neurons of an MLP. */
  D_MLP("d_mlp"),
  /** Tokens of the vocabulary. */
  D_VOCAB("d_vocab"),
  /** A single entry, kept so that the array broadcasts. */
  ONE("1");

  private final String label;

  Dim(String label) {
    this.label = label;
  }

  /** Returns the field's name for this axis, such as {@code d_model}. */
  public String label() {
    return label;
  }
}
