package dev.headlamp.engine;

import java.util.Comparator;

/**
 * Where in a run a variant begins to differ from the base run. Places are in the order in which a
 * run comes to them.
 */
record StartPlace(int layer, Stage stage) implements Comparable<StartPlace> {

  private static final Comparator<StartPlace> ORDER =
      Comparator.comparingInt(StartPlace::layer).thenComparing(StartPlace::stage);

  /** What differs, in the order in which a block comes to it. */
  enum Stage {
    /** The residual stream entering the block. */
    RESID_PRE,
    /** The same, where it is that of the source run. */
    RESID_PRE_OF_SOURCE,
    /** z of the block. */
    Z,
    /** The residual stream between attention and MLP. */
    RESID_MID
  }

  @Override
  public int compareTo(StartPlace other) {
    return ORDER.compare(this, other);
  }
}
