package dev.headlamp.experiments.enumeration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.tokenizer.Bos;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The demo model's logit differences against runs of one prompt after the other. */
class EnumeratorTest {

  private static HookedGpt2 model;

  @TempDir private Path folder;

  @BeforeAll
  static void load() throws IOException {
    model = HookedGpt2.load(Fixtures.model("ioi-demo"));
  }

  @AfterAll
  static void close() {
    model.close();
  }

  @Test
  void tokensAreThoseOfTheTokenizer() {
    for (Bos bos : Bos.values()) {
      PromptTokens prompts = PromptTokens.of(model, PromptSpace.standard(), bos);
      for (int row = 0; row < prompts.space().rows(); row += 9973) {
        ScoredPrompt prompt = prompts.prompt(row);
        PromptChoice choice = prompts.space().choice(row);
        assertThat(prompt.tokens())
            .isEqualTo(model.tokenizer().toTokens(prompts.space().text(row), bos));
        assertThat(model.tokenizer().toText(prompt.answer(), prompt.wrong()))
            .isEqualTo(
                " %s %s"
                    .formatted(
                        prompts.space().names().get(choice.indirectObject()),
                        prompts.space().names().get(choice.subject())));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void everyRowIsTheLogitDifferenceOfItsPrompt(boolean sharing) throws IOException {
    PromptTokens prompts = PromptTokens.of(model, Spaces.small(), Bos.PREPEND);
    PromptScorer scorer =
        sharing ? PromptScorer.of(model.engine()) : PromptScorer.batched(model.engine());
    EnumerationHeader header = EnumerationHeader.of(model, prompts, Shard.whole());
    try (EnumerationFile file = EnumerationFile.resume(folder.resolve("rows"), header)) {
      assertThat(new Enumerator(prompts, scorer).complete(file, EnumerationMonitor.NONE)).isTrue();
      float[] values = file.read().values();
      for (int row = 0; row < values.length; row++) {
        assertThat(values[row]).isCloseTo(alone(prompts, row), within(1e-4f));
      }
    }
  }

  @Test
  void theWorkIsTheNumberOfTokensThatAreRun() {
    PromptTokens prompts = PromptTokens.of(model, Spaces.small(), Bos.PREPEND);
    Enumerator enumerator = new Enumerator(prompts, PromptScorer.of(model.engine()));
    List<ScoredPrompt> chunk = enumerator.prompts(new Chunk(Spaces.small(), 0, 0));
    Set<List<Integer>> beginnings = new HashSet<>();
    for (ScoredPrompt prompt : chunk) {
      List<Integer> tokens = IntStream.of(prompt.tokens()).boxed().toList();
      IntStream.rangeClosed(1, tokens.size()).forEach(i -> beginnings.add(tokens.subList(0, i)));
    }
    assertThat(chunk).hasSize(2 * 2 * 3);
    assertThat(PromptScorer.of(model.engine()).work(chunk)).isEqualTo(beginnings.size());
    assertThat(PromptScorer.batched(model.engine()).work(chunk))
        .isEqualTo(chunk.stream().mapToInt(prompt -> prompt.tokens().length).sum());
  }

  @Test
  void aSampleHasTheValuesOfTheWhole() {
    PromptTokens prompts = PromptTokens.of(model, PromptSpace.standard(), Bos.NONE);
    Enumerator enumerator = new Enumerator(prompts, PromptScorer.of(model.engine()));
    float[] sample = enumerator.sample(60, 3, EnumerationMonitor.NONE).values();
    int[] rows = present(sample);
    assertThat(rows).hasSize(60);
    for (int row : rows) {
      assertThat(sample[row]).isCloseTo(alone(prompts, row), within(1e-4f));
    }
    assertThat(present(enumerator.sample(60, 3, EnumerationMonitor.NONE).values())).isEqualTo(rows);
    assertThat(present(enumerator.sample(60, 4, EnumerationMonitor.NONE).values()))
        .isNotEqualTo(rows);
  }

  @Test
  void aSampleOfMoreThanThereIsIsEverything() {
    PromptTokens prompts = PromptTokens.of(model, Spaces.small(), Bos.PREPEND);
    Enumerator enumerator = new Enumerator(prompts, PromptScorer.batched(model.engine()));
    assertThat(present(enumerator.sample(1000, 1, EnumerationMonitor.NONE).values())).hasSize(144);
  }

  @Test
  void aNameOfSeveralTokensIsNamed() {
    PromptSpace small = Spaces.small();
    PromptSpace strange =
        new PromptSpace(
            small.templates(), small.places(), small.objects(), List.of("Mary", "Quetzalcoatl"));
    assertThat(PromptTokens.unknownWords(model, strange)).containsExactly("Quetzalcoatl");
    assertThatThrownBy(() -> PromptTokens.of(model, strange, Bos.PREPEND))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\" Quetzalcoatl\" is not a single token");
  }

  @Test
  void aTemplateThatBeginsWithANameIsRefused() {
    PromptSpace small = Spaces.small();
    PromptSpace bare =
        new PromptSpace(
            List.of("[B] and [A] met. [B] gave it to [A]"),
            small.places(),
            small.objects(),
            small.names());
    assertThatThrownBy(() -> PromptTokens.of(model, bare, Bos.PREPEND))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"Michael and Jessica met. Michael gave it to\"");
  }

  @Test
  void aModelThatGivesNaNIsToldOf() {
    PromptTokens prompts = PromptTokens.of(model, Spaces.small(), Bos.PREPEND);
    Enumerator enumerator = new Enumerator(prompts, FormulaScorer.of(prompt -> Float.NaN));
    assertThatThrownBy(() -> enumerator.sample(5, 1, EnumerationMonitor.NONE))
        .isInstanceOf(ArithmeticException.class)
        .hasMessageContaining("is NaN");
  }

  private static float alone(PromptTokens prompts, int row) {
    ScoredPrompt prompt = prompts.prompt(row);
    try (INDArray logits =
        model.run(model.toTokens(List.of(prompts.space().text(row)), prompts.bos()))) {
      long last = logits.size(1) - 1;
      return logits.getFloat(0, last, prompt.answer()) - logits.getFloat(0, last, prompt.wrong());
    }
  }

  private static int[] present(float[] values) {
    return IntStream.range(0, values.length).filter(row -> !Float.isNaN(values[row])).toArray();
  }
}
