package dev.headlamp.hooks.heads;

/** How alike a head's attention and a detection pattern are; the measures of TransformerLens. */
public enum DetectionMeasure {
  /**
   * The share of the head's attention that goes where the pattern is 1: Σ attention·pattern / Σ
   * attention, from 0 to 1 for a pattern of zeros and ones.
   */
  MUL,
  /**
   * 1 − Σ |attention − pattern| / positions: 1 where they are equal, −1 where every row goes
   * elsewhere. TransformerLens rounds this to three places.
   */
  ABS
}
