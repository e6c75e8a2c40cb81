package dev.headlamp.bench.prefixes;

import dev.headlamp.bench.harness.Effort;
import dev.headlamp.bench.harness.Forks;
import dev.headlamp.bench.harness.Measured;
import dev.headlamp.bench.harness.Measurement;
import dev.headlamp.bench.harness.Row;
import java.util.List;
import java.util.Locale;

/** Prompts that share prefixes, run as a tree, against the same prompts in plain batches. */
public final class PrefixRuns {

  private static final double TARGET = 5;
  private static final int PART = 16;

  private PrefixRuns() {}

  /** Measures 8,448 prompts: the tree whole, the plain batches by a part of them. */
  public static List<Row> measure(Forks forks) {
    int oneOf = forks.effort() == Effort.QUICK ? 4 * PART : forks.effort().oneOf(PART);
    List<int[]> prompts = PrefixPrompts.all();
    int batches = prompts.size() / PrefixBenchmark.BATCH;
    int run = (batches + oneOf - 1) / oneOf;
    double plain = run(forks, "plainBatches", oneOf).median() * batches / run;
    Measured tree = run(forks, "asTree", oneOf);
    return List.of(
        Row.atLeast(
            "8,448 prompts of 16 tokens that share prefixes, last-position logits",
            TARGET,
            plain / tree.median(),
            Row.Style.FACTOR,
            String.format(
                Locale.ROOT,
                "%.1f s, plain batches of %d %.1f s%s; %d distinct of %d tokens; logit differences"
                    + " within %.1e",
                tree.median() / 1e3,
                PrefixBenchmark.BATCH,
                plain / 1e3,
                oneOf == 1 ? "" : " by %d of %d".formatted(run, batches),
                PrefixPrompts.distinctTokens(prompts),
                (long) prompts.size() * prompts.get(0).length,
                tree.finding("difference"))));
  }

  private static Measured run(Forks forks, String method, int oneOf) {
    return forks.run(
        Measurement.of(PrefixBenchmark.class, method)
            .with("shape", forks.effort().shape())
            .with("oneOf", oneOf)
            .iterations(0, 1));
  }
}
