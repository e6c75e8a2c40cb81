package dev.headlamp.experiments.cli;

import java.util.concurrent.CountDownLatch;

/**
 * While this is open, Ctrl-C does not end the program at once: it raises a flag, and waits until
 * this is closed. What was computed can so be written before the JVM exits, with status 130.
 */
final class Interruption implements AutoCloseable {

  private final CountDownLatch finished = new CountDownLatch(1);
  private final Thread hook = new Thread(this::waitForTheEnd, "finish-before-exit");
  private volatile boolean requested;

  private Interruption() {}

  static Interruption listen() {
    Interruption interruption = new Interruption();
    Runtime.getRuntime().addShutdownHook(interruption.hook);
    return interruption;
  }

  /** Returns whether Ctrl-C was pressed. */
  boolean isRequested() {
    return requested;
  }

  private void waitForTheEnd() {
    requested = true;
    try {
      finished.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    finished.countDown();
    if (!requested) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException alreadyExiting) {
        requested = true;
      }
    }
  }
}
