package dev.headlamp.experiments.cli;

/** What the process says to its caller. */
final class ExitStatus {

  static final int OK = 0;

  /** Something that should not happen. */
  static final int FAILED = 1;

  /** A check of a model missed. */
  static final int MISSED = 1;

  /** The input cannot be used. */
  static final int WRONG_INPUT = 2;

  /** Ended by Ctrl-C, as shells expect it: 128 and the number of SIGINT. */
  static final int INTERRUPTED = 130;

  private ExitStatus() {}
}
