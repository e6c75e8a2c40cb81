package dev.headlamp.experiments.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.Gpt2;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.engine.WeightProcessing;
import dev.headlamp.experiments.verify.EmbeddingCheck.Quantity;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.tokenizer.Bos;
import dev.headlamp.weights.SafetensorsFile;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What the checks measure is what its definition, or somebody else's code, says. */
class MeasurementTest {

  private static final Expectation ANYTHING = new Expectation.AtMost(Double.MAX_VALUE);

  private static HookedGpt2 tiny;

  @BeforeAll
  static void loadTheTinyModel() throws IOException {
    tiny = HookedGpt2.load(Fixtures.model("tiny"), DataType.DOUBLE);
  }

  @AfterAll
  static void closeTheTinyModel() {
    tiny.close();
  }

  @Test
  void theAttributionOfEachHeadIsThatOfTransformerLens() throws IOException {
    try (SafetensorsFile reference =
            SafetensorsFile.open(Fixtures.file("tiny", "processed.safetensors"));
        INDArray expected = reference.read("all.logit_attrs.heads");
        INDArray answers = reference.read("answers");
        INDArray tokens = reference.read("tokens");
        Gpt2 processed = tiny.engine().processed(WeightProcessing.transformerLens())) {
      for (int head = 0; head < 8; head++) {
        double[] attributions =
            new HeadAttributionCheck(
                    List.of(), Bos.NONE, new HeadName(head / 4, head % 4), ANYTHING)
                .perPrompt(
                    HookedGpt2.of(processed),
                    TokenBatch.of(tokens.toIntMatrix()),
                    answers.getColumn(0).toIntVector(),
                    answers.getColumn(1).toIntVector());
        for (int prompt = 0; prompt < attributions.length; prompt++) {
          assertThat(attributions[prompt])
              .as("head %d, prompt %d", head, prompt)
              .isCloseTo(expected.getDouble(head, prompt), within(1e-4));
        }
      }
    }
  }

  @Test
  void embeddingStatisticsAreThoseOfEveryPair() {
    double[][] rows = tiny.engine().weights().wE().toDoubleMatrix();
    double[] mean = new double[rows[0].length];
    for (double[] row : rows) {
      Arrays.setAll(mean, i -> mean[i] + row[i] / rows.length);
    }
    double[][] centred =
        Arrays.stream(rows)
            .map(row -> IntStream.range(0, row.length).mapToDouble(i -> row[i] - mean[i]).toArray())
            .toArray(double[][]::new);
    assertThat(measured(Quantity.MEAN_PAIRWISE_COSINE))
        .isCloseTo(meanPairwiseCosine(rows), within(1e-12));
    assertThat(measured(Quantity.MEAN_PAIRWISE_COSINE_AFTER_CENTRING))
        .isCloseTo(meanPairwiseCosine(centred), within(1e-12));
    assertThat(measured(Quantity.MEAN_NORM))
        .isCloseTo(
            Arrays.stream(rows)
                .mapToDouble(row -> Math.sqrt(dot(row, row)))
                .average()
                .orElseThrow(),
            within(1e-12));
    assertThat(measured(Quantity.NORM_OF_MEAN))
        .isCloseTo(Math.sqrt(dot(mean, mean)), within(1e-12));
  }

  @Test
  void ablationsOneAfterTheOtherAddUpToBothTogether() {
    HeadName one = new HeadName(0, 1);
    HeadName other = new HeadName(1, 2);
    List<Finding> findings =
        new RepetitionAblationCheck(
                3,
                2,
                List.of(
                    new RepetitionAblationCheck.Figure(List.of(one), List.of(), ANYTHING),
                    new RepetitionAblationCheck.Figure(List.of(other), List.of(one), ANYTHING),
                    new RepetitionAblationCheck.Figure(List.of(one, other), List.of(), ANYTHING)))
            .measure(tiny);
    double[] rises =
        findings.stream().mapToDouble(found -> ((Finding.Measured) found).measured()).toArray();
    assertThat(rises[0]).isNotZero();
    assertThat(rises[1]).isNotZero();
    assertThat(rises[2]).isCloseTo(rises[0] + rises[1], within(1e-9));
    assertThat(findings.get(1).what()).endsWith("by zero for z of L1H2 besides that of L0H1");
  }

  private static double measured(Quantity quantity) {
    Finding finding = new EmbeddingCheck(Map.of(quantity, ANYTHING)).measure(tiny).get(0);
    return ((Finding.Measured) finding).measured();
  }

  private static double meanPairwiseCosine(double[][] rows) {
    double sum = 0;
    int pairs = 0;
    for (int a = 0; a < rows.length; a++) {
      for (int b = 0; b < a; b++) {
        double norms = Math.sqrt(dot(rows[a], rows[a]) * dot(rows[b], rows[b]));
        sum += dot(rows[a], rows[b]) / norms;
        pairs++;
      }
    }
    return sum / pairs;
  }

  private static double dot(double[] a, double[] b) {
    return IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).sum();
  }
}
