package dev.headlamp.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.headlamp.fixtures.Fixtures;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Rows computed outside a run, against what a run offers at the points. */
class BlockRowsTest {

  private static final TokenBatch TOKENS = TokenBatch.of(new int[] {5, 60, 3}, new int[] {9, 2, 7});

  @ParameterizedTest
  @CsvSource({"tiny, FLOAT", "tiny, DOUBLE", "gpt-neo, FLOAT", "odd-shapes-untied, FLOAT"})
  void rowsAreThoseOfARun(String fixture, DataType type) throws IOException {
    try (Gpt2 model = Gpt2.load(Fixtures.model(fixture), type)) {
      RecordingTap run = RecordingTap.everything();
      model.run(RunSpec.of(TOKENS).withTap(run)).close();
      BlockRows block = model.blockRows(1);
      assertRows(block.mlp(rows(run, Activation.RESID_MID)), rows(run, Activation.MLP_OUT));
      INDArray z = run.get(HookPoint.of(Activation.Z, 1));
      assertRows(
          block.headResults(z.reshape('c', 6, z.size(2), z.size(3))), rows(run, Activation.RESULT));
      for (Activation reader : new Activation[] {Activation.Q, Activation.K, Activation.V}) {
        int head = 2;
        INDArray expected =
            run.get(HookPoint.of(reader, 1))
                .get(
                    NDArrayIndex.all(),
                    NDArrayIndex.all(),
                    NDArrayIndex.point(head),
                    NDArrayIndex.all());
        assertRows(block.headInput(reader, head, rows(run, Activation.RESID_PRE)), expected);
      }
    }
  }

  /** Returns [row, ..] of a point of layer 1. */
  private static INDArray rows(RecordingTap run, Activation activation) {
    INDArray value = run.get(HookPoint.of(activation, 1));
    return value.reshape('c', 6, value.length() / 6);
  }

  private static void assertRows(INDArray actual, INDArray expected) {
    assertThat(actual.size(0)).isEqualTo(6);
    assertThat(actual.reshape('c', expected.shape()).sub(expected).amaxNumber().doubleValue())
        .isLessThan(1e-5);
    actual.close();
  }

  @ParameterizedTest
  @CsvSource({"FLOAT", "DOUBLE"})
  void whatDoesNotFitIsRefused(DataType type) throws IOException {
    try (Gpt2 model = Gpt2.load(Fixtures.model("tiny"), type)) {
      BlockRows block = model.blockRows(0);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> block.mlp(Nd4j.zeros(type, 3, 31)))
          .withMessage("rows of %s [32] are needed, not %s [3, 31]", type, type);
      DataType other = type == DataType.FLOAT ? DataType.DOUBLE : DataType.FLOAT;
      assertThatIllegalArgumentException().isThrownBy(() -> block.mlp(Nd4j.zeros(other, 3, 32)));
      INDArray rows = Nd4j.zeros(type, 3, 32);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> block.headInput(Activation.Q, 4, rows))
          .withMessage("head 4 is out of range: tiny has heads 0 to 3");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> block.headInput(Activation.Z, 0, rows))
          .withMessageContaining("not as z");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> model.blockRows(2))
          .withMessage("layer 2 is out of range: tiny has layers 0 to 1");
    }
  }
}
