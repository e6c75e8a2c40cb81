package dev.headlamp.hooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.fixtures.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Runs with hooks and caches, one after another, leave resident memory flat. Thousands of them: the
 * system property {@code headlamp.memory.runs} says how many (the profile {@code memory}: 10,000).
 */
class MemoryTest {

  private static final Path STATUS = Path.of("/proc/self/status");
  private static final long MEGABYTE = 1 << 20;
  private static final long ALLOWED_GROWTH = 20 * MEGABYTE;
  private static final double ALLOWED_RATIO = 1.03;

  private final int runs = Integer.getInteger("headlamp.memory.runs", 2000);
  private final int warmUp = Math.max(400, runs / 10);

  @Test
  void runsWithHooksAndCachesLeaveResidentMemoryFlat() throws IOException {
    assumeTrue(Files.exists(STATUS), "resident memory is read from " + STATUS + ": not here");
    try (HookedGpt2 model = HookedGpt2.load(Fixtures.model("ioi-demo"))) {
      TokenBatch tokens =
          model.toTokens("When Mary and John went to the store, John gave a drink to");
      runs(model, tokens, 0, warmUp);
      long before = residentBytes();
      runs(model, tokens, warmUp, runs);
      long after = residentBytes();
      System.out.printf(
          "resident memory after run %d: %.1f MB, after run %d: %.1f MB%n",
          warmUp, (double) before / MEGABYTE, runs, (double) after / MEGABYTE);
      assertThat(after)
          .isLessThanOrEqualTo(Math.max((long) (before * ALLOWED_RATIO), before + ALLOWED_GROWTH));
    }
  }

  /** Every other run hands whole arrays to hooks, which are then the garbage collector's. */
  private static void runs(HookedGpt2 model, TokenBatch tokens, int from, int to) {
    for (int i = from; i < to; i++) {
      try (HookRegistry hooks = model.newHooks()) {
        hooks.add(
            point -> point.activation() == Activation.Z,
            Part.everything().heads(i % model.config().nHeads()),
            Interventions.zero());
        if (i % 2 == 0) {
          hooks.add(point -> point.activation().perLayer(), (value, context) -> value);
          hooks.add("pattern2", Interventions.scale(0.5));
        }
        try (CachedRun run = model.runWithCache(tokens, CacheSpec.defaults(), hooks)) {
          assertThat(run.logits().maxNumber().doubleValue()).isFinite();
        }
      }
    }
  }

  private static long residentBytes() throws IOException {
    List<String> lines = Files.readAllLines(STATUS);
    String resident =
        lines.stream().filter(line -> line.startsWith("VmRSS:")).findFirst().orElseThrow();
    return Long.parseLong(resident.replaceAll("\\D", "")) * 1024;
  }
}
