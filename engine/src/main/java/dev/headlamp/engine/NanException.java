package dev.headlamp.engine;

/** A run that was asked to look for NaN found one. */
public final class NanException extends ArithmeticException {

  private static final long serialVersionUID = 1L;

  private final transient HookPoint point;

  NanException(HookPoint point) {
    super("NaN at " + point.name() + ", the first point of this run that holds one");
    this.point = point;
  }

  /** Returns the first point of the run that holds a NaN. */
  public HookPoint point() {
    return point;
  }
}
