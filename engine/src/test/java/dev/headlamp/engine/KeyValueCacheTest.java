package dev.headlamp.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.headlamp.engine.TokenBatch.Padding;
import dev.headlamp.fixtures.Fixtures;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** A run in several steps with a key-value cache gives what one run over all tokens gives. */
class KeyValueCacheTest {

  private static final double TOLERANCE = 1e-11;
  private static final int[] PROMPT =
      IntStream.iterate(3, id -> (id * 7 + 5) % 97).limit(20).toArray();

  @ParameterizedTest
  @CsvSource({"tiny, 1", "tiny, 7", "gpt-neo, 1", "gpt-neo, 7", "stanford-style, 3"})
  void stepByStepIsAllAtOnce(String fixture, int step) throws IOException {
    try (Gpt2 model = Gpt2.load(Fixtures.model(fixture), DataType.DOUBLE);
        KeyValueCache past = model.newKeyValueCache(1, PROMPT.length);
        RunResult whole = model.run(RunSpec.of(TokenBatch.of(PROMPT)))) {
      Differences differences = new Differences(fixture + " in steps of " + step);
      for (int from = 0; from < PROMPT.length; from += step) {
        int to = Math.min(from + step, PROMPT.length);
        TokenBatch next = TokenBatch.of(Arrays.copyOfRange(PROMPT, from, to));
        try (RunResult part = model.run(RunSpec.of(next).withKeyValues(past))) {
          for (int pos = from; pos < to; pos++) {
            INDArray expected = whole.logits().slice(0).slice(pos);
            differences.add("pos " + pos, expected, part.logits().slice(0).slice(pos - from));
          }
        }
      }
      assertThat(past.length()).isEqualTo(PROMPT.length);
      differences.assertAtMost(TOLERANCE);
    }
  }

  @ParameterizedTest
  @CsvSource({"tiny, LEFT", "tiny, RIGHT", "gpt-neo, LEFT", "gpt-neo, RIGHT"})
  void unequalPromptsInOneBatchAreEachAsAlone(String fixture, Padding side) throws IOException {
    int[][][] steps = {
      {{5, 17, 90, 3, 42, 0, 8}, {1, 2, 3}, {64}},
      {{11}, {12, 13, 14}, {15, 16}},
      {{20, 21}, {22, 23}, {24, 25}}
    };
    try (Gpt2 model = Gpt2.load(Fixtures.model(fixture), DataType.DOUBLE);
        KeyValueCache past = model.newKeyValueCache(3, 12)) {
      Differences differences = new Differences(fixture + " padded " + side + " with cache");
      int[][] soFar = {{}, {}, {}};
      for (int[][] step : steps) {
        TokenBatch next = TokenBatch.padded(List.of(step), side, 0);
        RunSpec spec = RunSpec.of(next).withKeyValues(past).withLogits(LogitSelection.last());
        try (RunResult together = model.run(spec)) {
          for (int prompt = 0; prompt < 3; prompt++) {
            soFar[prompt] =
                IntStream.concat(Arrays.stream(soFar[prompt]), Arrays.stream(step[prompt]))
                    .toArray();
            INDArray expected = lastLogits(model, soFar[prompt]);
            differences.add("prompt " + prompt, expected, together.logits().slice(prompt));
          }
        }
      }
      differences.assertAtMost(TOLERANCE);
    }
  }

  @Test
  void aRunResumedBehindACachedPrefixIsTheWholeRun() {
    TokenBatch prefix = TokenBatch.of(Arrays.copyOf(PROMPT, 12));
    TokenBatch rest = TokenBatch.of(Arrays.copyOfRange(PROMPT, 12, 20));
    HookPoint residPre = HookPoint.of(Activation.RESID_PRE, 1);
    RecordingTap recorded = RecordingTap.only(residPre);
    RunSpec whole = RunSpec.of(TokenBatch.of(PROMPT)).withLogits(LogitSelection.last());
    try (KeyValueCache past = Tiny.DOUBLE.newKeyValueCache(1, 20);
        RunResult expected = Tiny.DOUBLE.run(whole.withTap(recorded))) {
      Tiny.DOUBLE.run(RunSpec.of(prefix).withKeyValues(past)).close();
      INDArray residual = interval(recorded.get(residPre), 12, 20);
      RunSpec resumed = RunSpec.of(rest).startAt(1, residual).withKeyValues(past);
      Differences differences = new Differences("resumed behind a prefix");
      try (RunResult result = Tiny.DOUBLE.run(resumed.withLogits(LogitSelection.last()))) {
        differences.add("last logits", expected.logits(), result.logits());
      }
      differences.assertAtMost(TOLERANCE);
    }
  }

  @Test
  void aLayerThatAnEarlierRunLeftOutIsMissed() {
    TokenBatch two = TokenBatch.of(new int[] {1, 2});
    try (KeyValueCache past = Tiny.DOUBLE.newKeyValueCache(1, 9)) {
      Tiny.DOUBLE.run(RunSpec.of(two).withKeyValues(past)).close();
      Tiny.DOUBLE.run(RunSpec.of(two).withKeyValues(past).stopAt(1)).close();
      assertThatThrownBy(() -> Tiny.DOUBLE.run(RunSpec.of(two).withKeyValues(past)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "the key-value cache holds 4 positions, but 2 of layer 1: a run left that layer out");
      Tiny.DOUBLE.run(RunSpec.of(two).withKeyValues(past).stopAt(1)).close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"blocks.0.attn.hook_k", "blocks.1.hook_resid_post", "unembed.hook_out"})
  void aRunThatFailsInAHookLeavesTheCacheAsItWas(String name) {
    HookPoint point = HookPoint.parse(name, Tiny.CONFIG);
    TokenBatch first = TokenBatch.of(new int[] {5, 17, 99});
    TokenBatch second = TokenBatch.of(new int[] {3, 42});
    Tap failing =
        EditTap.at(
            point,
            value -> {
              throw new IllegalStateException("a hook gave up");
            });
    try (KeyValueCache past = Tiny.FLOAT.newKeyValueCache(1, 5);
        KeyValueCache other = Tiny.FLOAT.newKeyValueCache(1, 5)) {
      Tiny.FLOAT.run(RunSpec.of(first).withKeyValues(past)).close();
      Tiny.FLOAT.run(RunSpec.of(first).withKeyValues(other)).close();
      TokenBatch lost = TokenBatch.of(new int[] {77, 78});
      assertThatThrownBy(
              () -> Tiny.FLOAT.run(RunSpec.of(lost).withKeyValues(past).withTap(failing)))
          .hasMessage("a hook gave up");
      assertThat(past.length()).isEqualTo(3);
      assertThat(past.tokenCount(0)).isEqualTo(3);
      try (RunResult after = Tiny.FLOAT.run(RunSpec.of(second).withKeyValues(past));
          RunResult expected = Tiny.FLOAT.run(RunSpec.of(second).withKeyValues(other))) {
        Values.assertIdentical("logits", expected.logits(), after.logits());
      }
    }
  }

  @Test
  void moreThanItHasRoomForIsRefused() {
    try (KeyValueCache past = Tiny.FLOAT.newKeyValueCache(1, 4)) {
      TokenBatch three = TokenBatch.of(new int[] {1, 2, 3});
      Tiny.FLOAT.run(RunSpec.of(three).withKeyValues(past)).close();
      assertRefused(
          Tiny.FLOAT, three, past, "3 more positions do not fit: the key-value cache holds 3 of 4");
    }
  }

  @Test
  void anotherNumberOfPromptsIsRefused() {
    try (KeyValueCache past = Tiny.FLOAT.newKeyValueCache(2, 4)) {
      TokenBatch one = TokenBatch.of(new int[] {1});
      assertRefused(Tiny.FLOAT, one, past, "the key-value cache holds 2 prompts, the batch has 1");
    }
  }

  @Test
  void thePastCountsTowardsTheContext() {
    try (KeyValueCache past = Tiny.FLOAT.newKeyValueCache(1, 60)) {
      Tiny.FLOAT.run(RunSpec.of(TokenBatch.of(new int[48])).withKeyValues(past)).close();
      TokenBatch one = TokenBatch.of(new int[1]);
      assertRefused(Tiny.FLOAT, one, past, "prompt 0 has 49 tokens: tiny sees at most 48");
    }
  }

  @Test
  void theCacheOfAnotherModelIsRefused() throws IOException {
    TokenBatch one = TokenBatch.of(new int[] {1});
    try (KeyValueCache ofDouble = Tiny.DOUBLE.newKeyValueCache(1, 4);
        Gpt2 neo = Gpt2.load(Fixtures.model("gpt-neo"));
        KeyValueCache ofNeo = neo.newKeyValueCache(1, 4)) {
      assertRefused(
          Tiny.FLOAT,
          one,
          ofDouble,
          "the key-value cache was made for another model:"
              + " 2 layers of 4 heads of width 8 in DOUBLE");
      assertRefused(
          Tiny.FLOAT,
          one,
          ofNeo,
          "the key-value cache was made for another model:"
              + " 4 layers of 4 heads of width 8 in FLOAT");
    }
  }

  @Test
  void aClosedCacheIsRefusedAndClosingAgainDoesNothing() {
    KeyValueCache past = Tiny.FLOAT.newKeyValueCache(1, 4);
    past.close();
    past.close();
    TokenBatch one = TokenBatch.of(new int[] {1});
    assertThatThrownBy(() -> Tiny.FLOAT.run(RunSpec.of(one).withKeyValues(past)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("this key-value cache is closed");
  }

  @Test
  void aCacheWithoutRoomIsRefused() {
    assertThatThrownBy(() -> Tiny.FLOAT.newKeyValueCache(0, 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a key-value cache needs a batch and a capacity of at least 1, not 0 and 4");
    assertThatThrownBy(() -> Tiny.FLOAT.newKeyValueCache(1, -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a key-value cache needs a batch and a capacity of at least 1, not 1 and -1");
  }

  private static void assertRefused(
      Gpt2 model, TokenBatch tokens, KeyValueCache past, String message) {
    assertThatThrownBy(() -> model.run(RunSpec.of(tokens).withKeyValues(past)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  private static INDArray lastLogits(Gpt2 model, int[] prompt) {
    RunSpec spec = RunSpec.of(TokenBatch.of(prompt)).withLogits(LogitSelection.last());
    try (RunResult result = model.run(spec)) {
      return result.logits().slice(0).dup();
    }
  }

  private static INDArray interval(INDArray x, int from, int to) {
    var all = NDArrayIndex.all();
    return x.get(all, NDArrayIndex.interval(from, to), all).dup('c');
  }
}
