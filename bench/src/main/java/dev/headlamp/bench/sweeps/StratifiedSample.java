package dev.headlamp.bench.sweeps;

import java.util.SplittableRandom;

/** Seeded choices from the patches of a sweep, in their order. */
final class StratifiedSample {

  private StratifiedSample() {}

  /**
   * Returns one of every {@code stratum} consecutive patches: every layer and every other outer
   * axis has its share.
   */
  static int[] oneOfEvery(int stratum, int patches, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int[] chosen = new int[(patches + stratum - 1) / stratum];
    for (int i = 0; i < chosen.length; i++) {
      int first = i * stratum;
      chosen[i] = first + random.nextInt(Math.min(stratum, patches - first));
    }
    return chosen;
  }

  /** Returns {@code count} of {@code patches} patches, evenly spread; all if there are fewer. */
  static int[] someOf(int count, int patches, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int[] chosen = new int[Math.min(count, patches)];
    for (int i = 0; i < chosen.length; i++) {
      int first = i * patches / chosen.length;
      int next = (i + 1) * patches / chosen.length;
      chosen[i] = random.nextInt(first, next);
    }
    return chosen;
  }
}
