package dev.headlamp.hooks;

/** What a patching sweep varies from one patch to the next. */
public enum PatchAxis {
  /** The block. */
  LAYER("layer"),
  /** The position. */
  POS("pos"),
  /** The attention head. */
  HEAD("head"),
  /** The position that attends, of an attention pattern. */
  DEST("dest_pos"),
  /** The position attended to, of an attention pattern. */
  SOURCE("src_pos");

  private final String label;

  PatchAxis(String label) {
    this.label = label;
  }

  /** Returns the field's name for this axis, such as {@code dest_pos}. */
  public String label() {
    return label;
  }
}
