package dev.headlamp.hooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.headlamp.engine.GenerationSpec;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.fixtures.Fixtures;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Hooks while a model continues prompts. */
class GenerationHooksTest {

  private static final int[] PROMPT = {5, 17, 42};
  private static final TokenBatch TOKENS = TokenBatch.of(PROMPT);

  private static HookedGpt2 model;

  private final HookRegistry hooks = model.newHooks();

  @BeforeAll
  static void load() throws IOException {
    model = HookedGpt2.load(Fixtures.model("tiny"));
  }

  @AfterAll
  static void close() {
    model.close();
  }

  @Test
  void hooksSeeTheNumberOfTheStepAndItsTokens() {
    List<String> seen = new ArrayList<>();
    hooks.add(
        "z1",
        (value, context) -> {
          seen.add(context.step() + ": " + context.tokens().length() + " " + value.size(1));
          return value;
        });
    model.generate(TOKENS, GenerationSpec.greedy(3), hooks);
    assertThat(seen).containsExactly("0: 3 3", "1: 1 1", "2: 1 1");
  }

  @Test
  void anEditSteersWhatIsGenerated() {
    hooks.add(
        "unembed.hook_out",
        (value, context) -> {
          INDArray raised = value.dup();
          raised.putScalar(new long[] {0, value.size(1) - 1, 70 + context.step()}, 1e6);
          return raised;
        });
    assertThat(model.generate(TOKENS, GenerationSpec.greedy(4), hooks).tokens(0))
        .containsExactly(70, 71, 72, 73);
  }

  @Test
  void whatIsGeneratedIsWhatRunsOfTheWholeTextSay() {
    hooks.add("z0", Part.everything().heads(1), Interventions.zero());
    hooks.add("resid_mid1", Interventions.scale(0.5));
    int[] text = PROMPT;
    for (int token : model.generate(TOKENS, GenerationSpec.greedy(6), hooks).tokens(0)) {
      try (INDArray logits = model.run(TokenBatch.of(text), hooks)) {
        assertThat(token).isEqualTo(NextToken.of(logits, 0, text.length - 1).top(1).get(0).token());
      }
      text = Arrays.copyOf(text, text.length + 1);
      text[text.length - 1] = token;
    }
  }

  @Test
  void aHookMayActAtOneStepOnly() {
    hooks.add("unembed.hook_out", (value, context) -> context.step() == 1 ? value.mul(-1) : value);
    int[] edited = model.generate(TOKENS, GenerationSpec.greedy(2), hooks).tokens(0);
    int[] plain = model.generate(TOKENS, GenerationSpec.greedy(2)).tokens(0);
    assertThat(edited[0]).isEqualTo(plain[0]);
    assertThat(edited[1]).isNotEqualTo(plain[1]);
  }

  @Test
  void laterStepsAttendToSourcesOfEarlierOnes() {
    List<Double> attention = new ArrayList<>();
    hooks.add(
        "pattern0",
        Part.everything().sources(2),
        (value, context) -> {
          attention.add(value.getDouble(0, 0, value.size(2) - 1, 0));
          return value;
        });
    model.generate(TOKENS, GenerationSpec.greedy(3), hooks);
    assertThat(attention).hasSize(3).allSatisfy(share -> assertThat(share).isBetween(1e-9, 1.0));
  }

  @Test
  void aHookThatThrowsEndsTheGenerationAndNothingElse() {
    int[] plain = model.generate(TOKENS, GenerationSpec.greedy(2)).tokens(0);
    try (var failing =
        hooks.add(
            "z1",
            (value, context) -> {
              if (context.step() == 1) {
                throw new UnsupportedOperationException("no");
              }
              return value;
            })) {
      assertThat(failing).isNotNull();
      assertThatThrownBy(() -> model.generate(TOKENS, GenerationSpec.greedy(2), hooks))
          .hasMessage("no");
    }
    assertThat(model.generate(TOKENS, GenerationSpec.greedy(2), hooks).tokens(0))
        .containsExactly(plain);
  }
}
