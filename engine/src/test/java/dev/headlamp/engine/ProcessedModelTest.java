package dev.headlamp.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.headlamp.engine.WeightProcessing.Step;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.weights.SafetensorsFile;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What weight processing leaves as it is, and who owns what it makes. */
class ProcessedModelTest {

  private static final double FLOAT_TOLERANCE = 1e-4;
  private static final double DOUBLE_TOLERANCE = 1e-9;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gpt-neo",
        "ioi-demo",
        "odd-shapes-untied",
        "stanford-style",
        "tiny",
        "unscaled-attention"
      })
  void everyCombinationOfStepsKeepsTheLogProbabilities(String fixture) throws IOException {
    keepsLogProbabilities(fixture, DataType.FLOAT, FLOAT_TOLERANCE);
    keepsLogProbabilities(fixture, DataType.DOUBLE, DOUBLE_TOLERANCE);
  }

  private static void keepsLogProbabilities(String fixture, DataType type, double tolerance)
      throws IOException {
    Differences differences = new Differences(fixture + " " + type + ", log-probabilities");
    try (Gpt2 raw = Gpt2.load(Fixtures.model(fixture), type)) {
      TokenBatch tokens = tokens(fixture);
      double[] expected = logProbabilities(raw, tokens);
      for (WeightProcessing processing : Combinations.all()) {
        try (Gpt2 processed = raw.processed(processing)) {
          assertThat(processed.processing()).isEqualTo(processing);
          differences.add(processing.toString(), expected, logProbabilities(processed, tokens));
        }
      }
    }
    differences.assertAtMost(tolerance);
  }

  @Test
  void aModelProcessedAtLoadHasTheWeightsOfOneProcessedLater() throws IOException {
    try (Gpt2 raw = Gpt2.load(Fixtures.model("odd-shapes-untied"))) {
      for (WeightProcessing processing : Combinations.all()) {
        try (Gpt2 later = raw.processed(processing);
            Gpt2 atLoad =
                Gpt2.load(Fixtures.model("odd-shapes-untied"), DataType.FLOAT, processing)) {
          assertThat(atLoad.processing()).isEqualTo(processing);
          assertThat(values(atLoad)).as(processing.toString()).isDeepEqualTo(values(later));
        }
      }
    }
  }

  @Test
  void theModelProcessedIsLeftAsItWas() throws IOException {
    try (Gpt2 raw = Gpt2.load(Fixtures.model("tiny"))) {
      double[][] before = values(raw);
      for (WeightProcessing processing : Combinations.all()) {
        raw.processed(processing).close();
      }
      assertThat(raw.processing().isNone()).isTrue();
      assertThat(values(raw)).isDeepEqualTo(before);
    }
  }

  @Test
  void aProcessedModelOutlivesTheModelItIsOf() throws IOException {
    TokenBatch tokens = tokens("tiny");
    for (WeightProcessing processing : Combinations.all()) {
      Gpt2 raw = Gpt2.load(Fixtures.model("tiny"));
      double[] expected = logProbabilities(raw, tokens);
      try (Gpt2 processed = raw.processed(processing)) {
        raw.close();
        assertThat(Differences.largest(expected, logProbabilities(processed, tokens)))
            .isLessThan(FLOAT_TOLERANCE);
      }
      assertThatIllegalStateException().isThrownBy(() -> raw.processed(processing));
    }
  }

  @Test
  void arraysThatAreReplacedAtLoadAreFreed() throws IOException {
    try (Gpt2 raw = Gpt2.load(Fixtures.model("tiny"))) {
      for (WeightProcessing processing : Combinations.all()) {
        Gpt2Weights given =
            WeightProcessor.copy(raw.weights(), raw.config(), WeightProcessing.none());
        Gpt2Weights processed = WeightProcessor.consume(given, raw.config(), processing);
        List<INDArray> kept = processed.arrays().toList();
        assertThat(kept).noneMatch(INDArray::wasClosed);
        assertThat(given.arrays())
            .allMatch(array -> array.wasClosed() != kept.stream().anyMatch(k -> k == array));
        processed.close();
      }
    }
  }

  @Test
  void embeddingsAreUntiedOnlyByWhatChangesOneOfThem() throws IOException {
    try (Gpt2 raw = Gpt2.load(Fixtures.model("tiny"));
        Gpt2 tied = raw.processed(WeightProcessing.of(Step.FOLD_VALUE_BIASES));
        Gpt2 untied = raw.processed(WeightProcessing.of(Step.CENTER_WRITING_WEIGHTS))) {
      assertThat(tied.weights().unembedding()).isSameAs(tied.weights().wE());
      assertThat(untied.weights().unembedding()).isNotSameAs(untied.weights().wE());
      assertThat(untied.weights().unembedding()).isEqualTo(raw.weights().wE());
    }
  }

  @Test
  void stepsMayComeOneAfterTheOther() throws IOException {
    try (Gpt2 raw = Gpt2.load(Fixtures.model("tiny"), DataType.DOUBLE);
        Gpt2 folded = raw.processed(WeightProcessing.of(Step.FOLD_LN));
        Gpt2 both = folded.processed(WeightProcessing.of(Step.FOLD_LN, Step.CENTER_UNEMBED));
        Gpt2 atOnce = raw.processed(WeightProcessing.of(Step.FOLD_LN, Step.CENTER_UNEMBED))) {
      assertThat(both.processing()).isEqualTo(atOnce.processing());
      assertThat(values(both)).isDeepEqualTo(values(atOnce));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> both.processed(WeightProcessing.of(Step.CENTER_WRITING_WEIGHTS)))
          .withMessageStartingWith("center_writing_weights comes before center_unembed");
    }
  }

  @Test
  @SuppressWarnings("try") // The workspace is used by being open.
  void aModelProcessedInsideAWorkspaceOutlivesIt() throws IOException {
    TokenBatch tokens = tokens("tiny");
    try (Gpt2 raw = Gpt2.load(Fixtures.model("tiny"))) {
      double[] expected = logProbabilities(raw, tokens);
      Gpt2 processed;
      try (MemoryWorkspace workspace =
          Nd4j.getWorkspaceManager().getAndActivateWorkspace("processing")) {
        processed = raw.processed(WeightProcessing.course());
      }
      assertThat(processed.weights().arrays()).noneMatch(INDArray::isAttached);
      assertThat(Differences.largest(expected, logProbabilities(processed, tokens)))
          .isLessThan(FLOAT_TOLERANCE);
      processed.close();
    }
  }

  /** All but the refactoring, whose singular vectors may change their signs. */
  @Test
  void aStepCarriedOutAgainChangesNothing() throws IOException {
    try (Gpt2 raw = Gpt2.load(Fixtures.model("odd-shapes-untied"), DataType.DOUBLE)) {
      for (Step step : WeightProcessing.transformerLens().steps()) {
        WeightProcessing processing = WeightProcessing.of(step);
        Gpt2Weights once = WeightProcessor.copy(raw.weights(), raw.config(), processing);
        Gpt2Weights twice = WeightProcessor.copy(once, raw.config(), processing);
        List<INDArray> expected = once.arrays().toList();
        List<INDArray> actual = twice.arrays().toList();
        Differences differences = new Differences(step + " again");
        for (int i = 0; i < expected.size(); i++) {
          differences.add("array " + i, expected.get(i), actual.get(i));
        }
        differences.assertAtMost(1e-14);
      }
    }
  }

  @Test
  void aModelThatIsNotFiniteIsRefusedByTheRefactoringWithThePlace() throws IOException {
    try (Gpt2 model = Gpt2.load(Fixtures.model("tiny"))) {
      model.weights().blocks().get(1).wO().putScalar(2L * model.config().dHead(), 3, Double.NaN);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> model.processed(WeightProcessing.course()))
          .withMessageStartingWith(
              "wO of layer 1, head 2 of tiny holds a value that is not finite");
    }
  }

  private static TokenBatch tokens(String fixture) throws IOException {
    try (SafetensorsFile reference =
        SafetensorsFile.open(Fixtures.file(fixture, "reference.safetensors"))) {
      return References.tokens(reference, "tokens");
    }
  }

  private static double[] logProbabilities(Gpt2 model, TokenBatch tokens) {
    try (RunResult result = model.run(RunSpec.of(tokens))) {
      return LogProbabilities.of(result.logits());
    }
  }

  private static double[][] values(Gpt2 model) {
    return model
        .weights()
        .arrays()
        .map(array -> array.dup('c').data().asDouble())
        .toArray(double[][]::new);
  }
}
