package dev.headlamp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headlamp.engine.WeightProcessing.Step;
import dev.headlamp.fixtures.Fixtures;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** The factors that refactoring gives the attention's circuits. */
class RefactorAttentionTest {

  private static final double TOLERANCE = 1e-12;

  private static final WeightProcessing REFACTORED =
      WeightProcessing.of(Step.REFACTOR_FACTORED_ATTN_MATRICES);

  @ParameterizedTest
  @ValueSource(strings = {"tiny", "odd-shapes-untied", "stanford-style"})
  void queriesAndKeysGetOrthogonalColumnsOfEqualLengths(String fixture) throws IOException {
    try (Gpt2 model = Gpt2.load(Fixtures.model(fixture), DataType.DOUBLE, REFACTORED)) {
      Differences differences = new Differences(fixture + ", wQᵀwQ = wKᵀwK, diagonal");
      for (BlockWeights block : model.weights().blocks()) {
        for (int head = 0; head < model.config().nHeads(); head++) {
          INDArray q = gram(columns(withRow(block.wQ(), block.bQ()), head, model.config()));
          INDArray k = gram(columns(withRow(block.wK(), block.bK()), head, model.config()));
          differences.add("wQ against wK", q, k);
          differences.add("off the diagonal", Nd4j.diag(Nd4j.diag(q)), q);
        }
      }
      differences.assertAtMost(TOLERANCE);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tiny", "odd-shapes-untied", "gpt-neo"})
  void outputsGetOrthonormalRowsAndValuesOrthogonalColumns(String fixture) throws IOException {
    try (Gpt2 model = Gpt2.load(Fixtures.model(fixture), DataType.DOUBLE, REFACTORED)) {
      Differences differences = new Differences(fixture + ", wO·wOᵀ = 1");
      int dHead = model.config().dHead();
      for (BlockWeights block : model.weights().blocks()) {
        for (int head = 0; head < model.config().nHeads(); head++) {
          INDArray o =
              block
                  .wO()
                  .get(
                      NDArrayIndex.interval((long) head * dHead, (head + 1L) * dHead),
                      NDArrayIndex.all());
          differences.add("wO", Nd4j.eye(dHead).castTo(DataType.DOUBLE), gram(o.transpose()));
          INDArray v = gram(columns(block.wV(), head, model.config()));
          differences.add("wV", Nd4j.diag(Nd4j.diag(v)), v);
        }
      }
      differences.assertAtMost(TOLERANCE);
    }
  }

  @Test
  void biasesOfValuesAreGoneAndThoseOfGptNeoAreNotInvented() throws IOException {
    try (Gpt2 tiny = Gpt2.load(Fixtures.model("tiny"), DataType.DOUBLE, REFACTORED);
        Gpt2 neo = Gpt2.load(Fixtures.model("gpt-neo"), DataType.DOUBLE, REFACTORED)) {
      assertThat(tiny.weights().blocks())
          .allMatch(block -> block.bV().amaxNumber().intValue() == 0);
      assertThat(neo.weights().blocks())
          .allMatch(block -> block.bQ() == null && block.bK() == null && block.bV() == null);
    }
  }

  @Test
  void aHeadOfZerosStaysOne() throws IOException {
    try (Gpt2 model = Gpt2.load(Fixtures.model("tiny"), DataType.DOUBLE)) {
      BlockWeights block = model.weights().blocks().get(0);
      columns(block.wV(), 1, model.config()).assign(0);
      try (Gpt2 processed = model.processed(REFACTORED)) {
        INDArray v = columns(processed.weights().blocks().get(0).wV(), 1, model.config());
        assertThat(v.amaxNumber().doubleValue()).isZero();
      }
    }
  }

  private static INDArray columns(INDArray w, int head, Gpt2Config config) {
    return w.get(
        NDArrayIndex.all(),
        NDArrayIndex.interval((long) head * config.dHead(), (head + 1L) * config.dHead()));
  }

  private static INDArray withRow(INDArray w, INDArray b) {
    return Nd4j.vstack(w, b.reshape(1, b.length()));
  }

  private static INDArray gram(INDArray w) {
    return w.transpose().mmul(w).dup('c');
  }
}
