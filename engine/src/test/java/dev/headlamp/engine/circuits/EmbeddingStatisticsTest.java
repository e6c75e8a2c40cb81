package dev.headlamp.engine.circuits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.Gpt2;
import dev.headlamp.fixtures.Fixtures;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Norms, cosines and self-prediction, counted out pair by pair. */
class EmbeddingStatisticsTest {

  private static final double TOLERANCE = 1e-12;

  @Test
  void cosinesAreThoseOfAllPairs() throws IOException {
    try (Gpt2 model = Gpt2.load(Fixtures.model("tiny"))) {
      INDArray wE = model.weights().wE();
      EmbeddingStatistics statistics = EmbeddingStatistics.of(wE);
      INDArray wide = wE.castTo(DataType.DOUBLE);
      assertThat(statistics.meanCosine()).isCloseTo(meanCosine(wide), within(TOLERANCE));
      assertThat(statistics.meanCosineCentred())
          .isCloseTo(meanCosine(wide.subRowVector(wide.mean(0))), within(TOLERANCE));
      for (int row = 0; row < wE.rows(); row++) {
        assertThat(statistics.norms().getDouble(row))
            .isCloseTo(wide.getRow(row).norm2Number().doubleValue(), within(TOLERANCE));
      }
    }
  }

  private static double meanCosine(INDArray table) {
    double[][] rows = table.toDoubleMatrix();
    double sum = 0;
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < rows.length; j++) {
        if (i != j) {
          double lengths = dot(rows[i], rows[i]) * dot(rows[j], rows[j]);
          sum += dot(rows[i], rows[j]) / Math.sqrt(lengths);
        }
      }
    }
    return sum / rows.length / (rows.length - 1.0);
  }

  private static double dot(double[] x, double[] y) {
    return IntStream.range(0, x.length).mapToDouble(i -> x[i] * y[i]).sum();
  }

  /** More rows than are taken at a time: all alike but for their lengths, so every cosine is 1. */
  @Test
  void rowsInOneDirectionHaveCosineOne() {
    double[][] rows =
        IntStream.rangeClosed(1, 2500)
            .mapToObj(length -> new double[] {3.0 * length, 0, 4.0 * length})
            .toArray(double[][]::new);
    EmbeddingStatistics statistics = EmbeddingStatistics.of(Nd4j.createFromArray(rows));
    assertThat(statistics.meanCosine()).isCloseTo(1, within(TOLERANCE));
    assertThat(statistics.norms().getDouble(2499)).isCloseTo(12500, within(1e-9));
    // Centred, 1250 point one way and 1250 the other: of all pairs, 1250² are opposite.
    double opposite = 2.0 * 1250 * 1250 / (2500.0 * 2499);
    assertThat(statistics.meanCosineCentred()).isCloseTo(1 - 2 * opposite, within(1e-9));
  }

  @Test
  void aRowOfZerosHasNoDirection() {
    INDArray rows = Nd4j.createFromArray(new double[][] {{1, 0}, {0, 0}, {2, 0}});
    assertThat(EmbeddingStatistics.of(rows).meanCosine()).isCloseTo(1.0 / 3, within(TOLERANCE));
  }

  @Test
  void oneRowHasNoPairs() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EmbeddingStatistics.of(Nd4j.ones(1, 4)))
        .withMessage("statistics of pairs need a matrix of at least two rows, not [1, 4]");
  }

  @Test
  void selfPredictionCountsTheRowsThatAreLargestAtThemselves() throws IOException {
    try (Gpt2 model = Gpt2.load(Fixtures.model("odd-shapes-untied"), DataType.DOUBLE)) {
      // The unembedding is separate and random: make it predict every third token.
      for (int token = 0; token < model.config().dVocab(); token += 3) {
        model.weights().unembedding().getRow(token).assign(model.weights().wE().getRow(token));
      }
      double[][] table = model.weights().wE().mmul(model.weights().wU()).toDoubleMatrix();
      long hits =
          IntStream.range(0, table.length)
              .filter(t -> table[t][t] >= Arrays.stream(table[t]).max().orElseThrow())
              .count();
      assertThat(hits).isBetween(1L, table.length - 1L);
      assertThat(SelfPrediction.rate(model)).isEqualTo((double) hits / table.length);
    }
  }

  @Test
  void selfPredictionOfTokensThatAreNotThereIsRefused() throws IOException {
    try (Gpt2 model = Gpt2.load(Fixtures.model("tiny"))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> SelfPrediction.rate(model, 0, 101))
          .withMessage("token id 101 is out of range: tiny has ids 0 to 100");
      assertThatIllegalArgumentException().isThrownBy(() -> SelfPrediction.rate(model, new int[0]));
    }
  }
}
