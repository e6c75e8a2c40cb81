package dev.headlamp.hooks.heads;

/** Whose length says how much a head moves from a source. */
public enum ValueNorm {
  /** The value vector: ‖v‖. It depends on how the OV circuit is split into its two factors. */
  VALUE,
  /** What the head writes for that value: ‖v·W_O‖. */
  OUTPUT
}
