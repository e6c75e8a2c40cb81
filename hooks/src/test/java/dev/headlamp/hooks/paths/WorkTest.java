package dev.headlamp.hooks.paths;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.Metric;
import dev.headlamp.hooks.Metrics;
import dev.headlamp.hooks.Positions;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * What sweeps compute: the rows are counted where they are computed, in a model of GPT-2 small's
 * layers and heads, and cost what they cost in GPT-2 small.
 */
class WorkTest {

  private static final Gpt2Config GPT2 = Gpt2Config.gpt2();
  private static final int PROMPTS = 2;
  private static final int TOKENS = 15;
  private static final int ROWS = PROMPTS * TOKENS;

  /** Four whole forward passes for each of 156 senders. */
  private static final Work PUBLISHED = Work.NONE.withBlocks(624L * 12 * ROWS);

  private static Work of(PathSpec paths, Metric metric) {
    try (HookedGpt2 model = NarrowModel.load();
        PathPatching patching = PathPatching.of(model, prompts(1), prompts(2), metric)) {
      patching.sweep(paths);
      return patching.work();
    }
  }

  private static TokenBatch prompts(long seed) {
    Random random = new Random(seed);
    int[][] prompts = new int[PROMPTS][];
    for (int prompt = 0; prompt < PROMPTS; prompt++) {
      prompts[prompt] = random.ints(TOKENS, 0, 101).toArray();
    }
    return TokenBatch.of(prompts);
  }

  private static double timesCheaper(PathSpec paths, Metric metric) {
    return PUBLISHED.flops(GPT2) / of(paths, metric).flops(GPT2);
  }

  @Test
  void aRowOfABlockCosts24TimesTheSquareOfTheWidth() {
    assertThat(Work.NONE.withBlocks(1).flops(GPT2)).isEqualTo(24.0 * 768 * 768);
    assertThat(Work.NONE.withMlps(1).flops(GPT2)).isEqualTo(16.0 * 768 * 768);
    assertThat(Work.NONE.withHeadResults(1).flops(GPT2)).isEqualTo(2.0 * 768 * 768);
    assertThat(Work.NONE.withHeadInputs(1).flops(GPT2)).isEqualTo(2.0 * 768 * 64);
  }

  /** Every logit is read, so every position counts. */
  @Test
  void theSweepIntoTheLogitsIsTenTimesCheaperThanThePublishedOne() {
    Metric everyPosition =
        Metric.of("mean", (logits, tokens) -> new double[] {logits.meanNumber().doubleValue()});
    Work work = of(PathSpec.into(Receiver.finalResidual()), everyPosition);
    // The two runs; then each of 12 heads of layer l has 12 - l MLPs above it, its MLP 11 - l.
    assertThat(work.blocks()).isEqualTo(2L * 12 * ROWS);
    assertThat(work.mlps()).isEqualTo((12L * 78 + 66) * ROWS);
    assertThat(work.headInputs()).isZero();
    assertThat(PUBLISHED.flops(GPT2) / work.flops(GPT2)).isGreaterThan(10);
  }

  @Test
  void aMetricOfTheLastPositionMakesItAHundredTimesCheaper() {
    Metric metric = Metrics.logitDifference(new int[] {1}, new int[] {2});
    assertThat(timesCheaper(PathSpec.into(Receiver.finalResidual()), metric)).isGreaterThan(100);
  }

  /** The paper's second step: the queries of the name movers at the last position. */
  @Test
  void theSweepIntoLateQueriesIsFifteenTimesCheaper() {
    Metric metric = Metrics.logitDifference(new int[] {1}, new int[] {2});
    PathSpec nameMovers =
        PathSpec.into(Receiver.query(9, 9), Receiver.query(9, 6), Receiver.query(10, 0));
    Work work = of(nameMovers.at(Positions.last()), metric);
    // Layers 0 to 9 have a receiver above them; every sender in them runs layers 9 to 11 again.
    assertThat(work.blocks()).isEqualTo(2L * 12 * ROWS + 130L * 3 * ROWS);
    assertThat(timesCheaper(nameMovers.at(Positions.last()), metric)).isGreaterThan(15);
  }
}
