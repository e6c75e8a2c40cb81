package dev.headlamp.experiments.lens;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.TokenBatch;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.HookRegistry;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.Interventions;
import dev.headlamp.hooks.NextToken;
import dev.headlamp.hooks.lens.LogitLens;
import dev.headlamp.hooks.lens.ResidualStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

class LensReadingTest {

  private static final double TOLERANCE = 1e-4;

  private static HookedGpt2 model;
  private static TokenBatch prompt;

  @BeforeAll
  static void load() throws IOException {
    model = HookedGpt2.load(Fixtures.model("ioi-demo"));
    prompt = model.toTokens("When Mary and John went to the store, John gave a drink to");
  }

  @AfterAll
  static void close() {
    model.close();
  }

  @Test
  void theDirectReadingIsTheLogitLens() {
    LensReading reading = LensReading.of(model, prompt, LensKind.DIRECT, 3);
    try (CachedRun run = model.runWithCache(prompt, CacheSpec.defaults())) {
      LogitLens lens = LogitLens.of(ResidualStream.of(model, run.cache()).accumulated());

      assertThat(reading.states().labels()).isEqualTo(lens.labels());
      for (LogitLens.Prediction expected : lens.top(3)) {
        int state = reading.states().indexOf(expected.label());
        List<NextToken.Candidate> top = reading.top().get(state).get(expected.pos());
        assertThat(top.get(0).token()).isEqualTo(expected.top().get(0).token());
        for (int i = 0; i < 3; i++) {
          assertThat(top.get(i).probability())
              .isCloseTo(expected.top().get(i).probability(), within(TOLERANCE));
        }
      }
    }
  }

  @Test
  void bothReadingsEndInWhatTheModelSays() {
    try (INDArray logits = model.run(prompt)) {
      NextToken.Candidate expected = NextToken.of(logits, 0, prompt.lastPos(0)).top(1).get(0);
      for (LensKind kind : LensKind.values()) {
        LensReading reading = LensReading.of(model, prompt, kind, 1);
        int last = reading.states().length() - 1;

        assertThat(reading.best(last, prompt.lastPos(0)).token()).isEqualTo(expected.token());
        assertThat(reading.best(last, prompt.lastPos(0)).probability())
            .isCloseTo(expected.probability(), within(TOLERANCE));
        assertThat(reading.divergence().slice("state", last).max().orElseThrow())
            .isCloseTo(0, within(TOLERANCE));
        assertThat(reading.agreement().value(last)).isEqualTo(1);
      }
    }
  }

  @Test
  void throughTheFinalBlockAStateSkipsTheBlocksBetween() {
    LensReading reading = LensReading.of(model, prompt, LensKind.THROUGH_FINAL_BLOCK, 1);
    assertThat(reading.states().labels()).containsExactly("0_pre", "1_pre", "2_pre", "3_pre");
    // Blocks 1 and 2 that write nothing leave block 3 what stood in front of block 1.
    try (HookRegistry hooks = model.newHooks()) {
      for (String point : List.of("attn_out1", "mlp_out1", "attn_out2", "mlp_out2")) {
        hooks.add(point, Interventions.zero());
      }
      try (INDArray logits = model.run(prompt, hooks)) {
        NextToken.Candidate expected = NextToken.of(logits, 0, prompt.lastPos(0)).top(1).get(0);
        NextToken.Candidate read = reading.best(1, prompt.lastPos(0));

        assertThat(read.token()).isEqualTo(expected.token());
        assertThat(read.probability()).isCloseTo(expected.probability(), within(TOLERANCE));
      }
    }
  }

  @Test
  void severalPromptsAtOnceAreRefused() {
    TokenBatch two = prompt.repeated(2);
    assertThatThrownBy(() -> LensReading.of(model, two, LensKind.DIRECT, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("one prompt at a time, not 2");
  }
}
