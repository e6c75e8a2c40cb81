package dev.headlamp.hooks;

/** Watches a sweep, and may end it early. */
public interface SweepMonitor {

  /** A monitor that does nothing. */
  SweepMonitor NONE = (done, total) -> {};

  /**
   * Takes how far the sweep has come; called after every patch, on the thread that runs the sweep.
   *
   * @param done patches computed
   * @param total patches there are
   */
  void onProgress(long done, long total);

  /**
   * Returns whether to stop. Asked before every patch; what is computed by then is kept, the rest
   * of the result is absent. An interrupt of the thread does the same.
   */
  default boolean isCancelled() {
    return false;
  }

  /** Returns whether a sweep ends early: it is cancelled, or its thread is interrupted. */
  default boolean stops() {
    return isCancelled() || Thread.currentThread().isInterrupted();
  }
}
