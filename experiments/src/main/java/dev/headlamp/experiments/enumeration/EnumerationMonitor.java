package dev.headlamp.experiments.enumeration;

/** Watches an enumeration, and may end it early. */
public interface EnumerationMonitor {

  /** A monitor that does nothing. */
  EnumerationMonitor NONE = (done, total, belowZero) -> {};

  /**
   * Takes how far the enumeration has come; called many times, on the thread that computes it.
   *
   * @param done rows that are there, those of earlier runs included
   * @param total rows that there will be
   * @param belowZero rows of those done whose logit difference is below zero
   */
  void onProgress(long done, long total, long belowZero);

  /** Returns whether to stop. What is written by then is kept. */
  default boolean isCancelled() {
    return false;
  }
}
