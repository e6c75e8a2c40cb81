package dev.headlamp.experiments.embeddings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.circuits.SelfPrediction;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.SweepMonitor;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class EmbeddingGeometryTest {

  private static final double TOLERANCE = 1e-6;

  /** Three rows around the offset (3, 0). */
  private static INDArray table() {
    return Nd4j.createFromArray(new float[][] {{3, 4}, {3, -4}, {3, 0}});
  }

  @Test
  void theNumbersAreThoseWorkedOutByHand() {
    try (INDArray table = table()) {
      EmbeddingGeometry geometry = EmbeddingGeometry.of(table, 10, 1);

      assertThat(geometry.rows()).isEqualTo(3);
      assertThat(geometry.norms().getMin()).isCloseTo(3, within(TOLERANCE));
      assertThat(geometry.norms().getAverage()).isCloseTo(13.0 / 3, within(TOLERANCE));
      assertThat(geometry.norms().getMax()).isCloseTo(5, within(TOLERANCE));
      assertThat(geometry.normOfMean()).isCloseTo(3, within(TOLERANCE));
      // Cosines of the pairs: (9 - 16) / 25, and 9 / 15 twice.
      assertThat(geometry.meanCosine()).isCloseTo((-7.0 / 25 + 1.2) / 3, within(TOLERANCE));
      assertThat(geometry.meanAbsoluteCosine()).isCloseTo((7.0 / 25 + 1.2) / 3, within(TOLERANCE));
      // Centred: (0, 4), (0, -4) and a row of zeros, which has cosine 0 with any other.
      assertThat(geometry.meanCosineCentred()).isCloseTo(-1.0 / 3, within(TOLERANCE));
      assertThat(geometry.meanAbsoluteCosineCentred()).isCloseTo(1.0 / 3, within(TOLERANCE));
    }
  }

  @Test
  void aSampleIsDrawnBySeedWithoutPuttingBack() {
    try (INDArray table = Nd4j.linspace(1, 40, 40).reshape(20, 2)) {
      RowSample sample = RowSample.draw(table, 8, 5);

      assertThat(sample.ids()).hasSize(8).doesNotHaveDuplicates().isSorted();
      assertThat(RowSample.draw(table, 8, 5).ids()).isEqualTo(sample.ids());
      assertThat(RowSample.draw(table, 8, 6).ids()).isNotEqualTo(sample.ids());
      assertThat(sample.rows()[0][0]).isEqualTo(2 * sample.ids().get(0) + 1);
    }
  }

  @Test
  void aSampleOfOneIsRefused() {
    try (INDArray table = table()) {
      assertThatThrownBy(() -> EmbeddingGeometry.of(table, 1, 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("a sample of 1 rows has no pair");
    }
  }

  @Test
  void selfPredictionInChunksIsThatOfAllTokensAtOnce() throws IOException {
    try (HookedGpt2 model = HookedGpt2.load(Fixtures.model("ioi-demo"))) {
      SelfPredictionSweep sweep = SelfPredictionSweep.of(model.engine(), SweepMonitor.NONE);

      assertThat(sweep.tokens()).isEqualTo(1036);
      assertThat(sweep.rate()).isCloseTo(SelfPrediction.rate(model.engine()), within(1e-12));
    }
  }

  @Test
  void selfPredictionThatIsCancelledHasLookedAtNoToken() throws IOException {
    SweepMonitor cancelled =
        new SweepMonitor() {
          @Override
          public void onProgress(long done, long total) {}

          @Override
          public boolean isCancelled() {
            return true;
          }
        };
    try (HookedGpt2 model = HookedGpt2.load(Fixtures.model("ioi-demo"))) {
      SelfPredictionSweep sweep = SelfPredictionSweep.of(model.engine(), cancelled);

      assertThat(sweep.tokens()).isZero();
      assertThat(sweep.rate()).isNaN();
    }
  }
}
