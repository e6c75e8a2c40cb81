package dev.headlamp.experiments.cli;

import java.util.Locale;

/** What an experiment puts in the place of a component's output. */
enum AblationKind {
  /** Zeros. */
  ZERO,
  /** A mean; each experiment says which. */
  MEAN;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
