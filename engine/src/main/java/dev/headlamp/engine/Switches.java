package dev.headlamp.engine;

/**
 * Parts of the engine that a benchmark leaves out by a system property, to measure what they cost
 * or gain. Constant, so that the JIT removes what is switched off. Not for anything else.
 */
final class Switches {

  static final String POINTS_PROPERTY = "headlamp.engine.points";

  /** Whether points are offered at all: {@code -Dheadlamp.engine.points=false} is a plain run. */
  static final boolean POINTS = isOn(POINTS_PROPERTY);

  /** Whether oneDNN is used where it is there: {@code -Dheadlamp.engine.onednn=false}. */
  static final boolean ONE_DNN = isOn("headlamp.engine.onednn");

  private Switches() {}

  private static boolean isOn(String property) {
    return Boolean.parseBoolean(System.getProperty(property, "true"));
  }
}
