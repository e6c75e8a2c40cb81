package dev.headlamp.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.headlamp.engine.TokenBatch.Padding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Continuations: what repeated full runs give, whoever stands beside a prompt. */
class GenerationTest {

  private static final Gpt2 MODEL = Tiny.DOUBLE;
  private static final int[] PROMPT = {5, 17, 99, 3, 42};
  private static final List<int[]> PROMPTS = List.of(PROMPT, new int[] {1, 2}, new int[] {64});

  @Test
  void greedyIsTheArgmaxOfRepeatedFullRuns() {
    int[] soFar = PROMPT;
    for (int i = 0; i < 12; i++) {
      RunSpec spec = RunSpec.of(TokenBatch.of(soFar)).withLogits(LogitSelection.last());
      try (RunResult result = MODEL.run(spec)) {
        soFar = Arrays.copyOf(soFar, soFar.length + 1);
        soFar[soFar.length - 1] = References.argmax(result.logits())[0];
      }
    }
    int[] expected = Arrays.copyOfRange(soFar, PROMPT.length, soFar.length);
    assertThat(continuation(PROMPT, GenerationSpec.greedy(12))).isEqualTo(expected);
  }

  @ParameterizedTest
  @EnumSource
  void unequalPromptsInOneBatchAreEachContinuedAsAlone(Padding side) {
    TokenBatch batch = TokenBatch.padded(PROMPTS, side, 0);
    Sampling random = Sampling.temperature(5, 7).withTopK(40).withTopP(0.95);
    for (Sampling sampling : List.of(Sampling.greedy(), random)) {
      GenerationSpec spec = GenerationSpec.greedy(10).withSampling(sampling);
      Generated together = MODEL.generate(batch, spec);
      for (int prompt = 0; prompt < PROMPTS.size(); prompt++) {
        assertThat(together.tokens(prompt)).isEqualTo(continuation(PROMPTS.get(prompt), spec));
      }
    }
  }

  @Test
  void oneSeedGivesOneContinuation() {
    GenerationSpec seven = sampled(Sampling.temperature(2, 7));
    assertThat(continuation(PROMPT, seven)).isEqualTo(continuation(PROMPT, seven));
    assertThat(continuation(PROMPT, sampled(Sampling.temperature(2, 8))))
        .isNotEqualTo(continuation(PROMPT, seven));
  }

  @Test
  void choosingFromOneTokenIsGreedy() {
    int[] greedy = continuation(PROMPT, GenerationSpec.greedy(10));
    Sampling hot = Sampling.temperature(2, 7);
    assertThat(continuation(PROMPT, sampled(hot.withTopK(1)))).isEqualTo(greedy);
    assertThat(continuation(PROMPT, sampled(hot.withTopP(1e-9)))).isEqualTo(greedy);
    assertThat(continuation(PROMPT, sampled(Sampling.temperature(1e-300, 7)))).isEqualTo(greedy);
  }

  @Test
  void aStopTokenEndsItsPromptOnly() {
    TokenBatch batch = TokenBatch.of(PROMPT, new int[] {1, 2});
    Generated free = MODEL.generate(batch, GenerationSpec.greedy(8));
    int stop = free.tokens(0)[3];
    Generated stopped = MODEL.generate(batch, GenerationSpec.greedy(8).stoppingAt(stop));
    for (int prompt = 0; prompt < 2; prompt++) {
      List<Integer> all = free.newTokens().get(prompt);
      int end = all.contains(stop) ? all.indexOf(stop) + 1 : all.size();
      assertThat(stopped.newTokens().get(prompt)).isEqualTo(all.subList(0, end));
    }
    assertThat(stopped.tokens(0)).hasSizeLessThan(8).endsWith(stop);
    assertThat(stopped.tokens(1)).as("goes on by itself").hasSize(8);
  }

  @Test
  void theListenerHearsEveryNewTokenInOrder() {
    TokenBatch batch = TokenBatch.of(PROMPT, new int[] {1, 2});
    List<List<Integer>> heard = new ArrayList<>();
    GenerationSpec spec =
        GenerationSpec.greedy(3)
            .withListener((prompt, step, token) -> heard.add(List.of(prompt, step, token)));
    Generated generated = MODEL.generate(batch, spec);
    List<List<Integer>> expected = new ArrayList<>();
    for (int step = 0; step < 3; step++) {
      for (int prompt = 0; prompt < 2; prompt++) {
        expected.add(List.of(prompt, step, generated.tokens(prompt)[step]));
      }
    }
    assertThat(heard).isEqualTo(expected);
  }

  @Test
  void theListenerHearsNothingOfAPromptThatHasEnded() {
    TokenBatch batch = TokenBatch.of(PROMPT, new int[] {1, 2});
    int stop = MODEL.generate(batch, GenerationSpec.greedy(1)).tokens(0)[0];
    List<Integer> heard = new ArrayList<>();
    GenerationSpec spec =
        GenerationSpec.greedy(5)
            .stoppingAt(stop)
            .withListener((prompt, step, token) -> heard.add(prompt));
    MODEL.generate(batch, spec);
    assertThat(heard).containsOnlyOnce(0).contains(1);
  }

  @Test
  void eachStepHasItsTap() {
    List<RecordingTap> taps = new ArrayList<>();
    GenerationSpec spec =
        GenerationSpec.greedy(3)
            .withTaps(
                (tokens, step) -> {
                  assertThat(step).isEqualTo(taps.size());
                  taps.add(RecordingTap.everything());
                  return taps.get(step);
                });
    MODEL.generate(TokenBatch.of(PROMPT), spec);
    HookPoint pattern = HookPoint.of(Activation.PATTERN, 1);
    assertThat(taps).hasSize(3);
    assertThat(taps.get(0).get(pattern).shape()).isEqualTo(new long[] {1, 4, 5, 5});
    assertThat(taps.get(1).get(pattern).shape()).isEqualTo(new long[] {1, 4, 1, 6});
    assertThat(taps.get(2).get(pattern).shape()).isEqualTo(new long[] {1, 4, 1, 7});
  }

  @Test
  void anEditOfOneStepDecidesThatStepsToken() {
    Tap seven =
        EditTap.at(
            HookPoint.of(Activation.UNEMBED_OUT),
            value -> {
              value.assign(0).putScalar(new int[] {0, 0, 7}, 1);
              return value;
            });
    GenerationSpec spec =
        GenerationSpec.greedy(4).withTaps((tokens, step) -> step == 2 ? seven : Tap.NONE);
    int[] plain = continuation(PROMPT, GenerationSpec.greedy(4));
    int[] edited = continuation(PROMPT, spec);
    assertThat(Arrays.copyOf(edited, 3)).containsExactly(plain[0], plain[1], 7);
    int[] soFar = {5, 17, 99, 3, 42, plain[0], plain[1], 7};
    assertThat(edited[3]).isEqualTo(continuation(soFar, GenerationSpec.greedy(1))[0]);
  }

  @Test
  void exactlyTheContextCanBeFilled() {
    int[] prompt = new int[45];
    assertThat(continuation(prompt, GenerationSpec.greedy(3))).hasSize(3);
  }

  @Test
  void moreThanTheContextIsRefused() {
    TokenBatch batch = TokenBatch.of(PROMPT, new int[45]);
    assertThatThrownBy(() -> MODEL.generate(batch, GenerationSpec.greedy(4)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("prompt 1 has 45 tokens, and 4 more exceed the context: tiny sees at most 48");
  }

  @Test
  void nothingToAddIsRefused() {
    assertThatThrownBy(() -> GenerationSpec.greedy(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("max-new-tokens (0) must be positive");
  }

  private static GenerationSpec sampled(Sampling sampling) {
    return GenerationSpec.greedy(10).withSampling(sampling);
  }

  private static int[] continuation(int[] prompt, GenerationSpec spec) {
    return MODEL.generate(TokenBatch.of(prompt), spec).tokens(0);
  }
}
