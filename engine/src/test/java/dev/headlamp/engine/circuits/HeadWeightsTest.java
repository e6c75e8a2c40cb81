package dev.headlamp.engine.circuits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.BlockWeights;
import dev.headlamp.engine.Gpt2;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.RunSpec;
import dev.headlamp.engine.Tap;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.fixtures.Fixtures;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** A head's circuits against what its attention does in a run. */
class HeadWeightsTest {

  private static final double TOLERANCE = 1e-10;

  /** GPT-Neo: no biases and no scaling, so that the circuits are all there is. */
  @Test
  void theQkCircuitGivesTheScoresAndTheOvCircuitTheResults() throws IOException {
    try (Gpt2 model = Gpt2.load(Fixtures.model("gpt-neo"), DataType.DOUBLE)) {
      TokenBatch tokens = TokenBatch.of(new int[][] {{5, 17, 3, 42, 8}});
      for (int layer = 0; layer < model.config().nLayers(); layer++) {
        Map<Activation, INDArray> points = points(model, tokens, layer);
        INDArray x = points.get(Activation.LN1_NORMALIZED).reshape(5, model.config().dModel());
        for (int head = 0; head < model.config().nHeads(); head++) {
          HeadWeights weights = HeadWeights.of(model, layer, head);
          INDArray scores = weights.qk().leftTimes(x).times(x.transpose()).product();
          assertLastRowsEqual(scores, matrix(points.get(Activation.ATTN_SCORES), head));
          INDArray moved = weights.ov().leftTimes(x).product();
          INDArray results = matrix(points.get(Activation.PATTERN), head).mmul(moved);
          INDArray expected =
              points
                  .get(Activation.RESULT)
                  .get(
                      NDArrayIndex.point(0),
                      NDArrayIndex.all(),
                      NDArrayIndex.point(head),
                      NDArrayIndex.all());
          assertLastRowsEqual(results, expected);
        }
      }
    }
  }

  private static Map<Activation, INDArray> points(Gpt2 model, TokenBatch tokens, int layer) {
    Map<Activation, INDArray> points = new HashMap<>();
    Tap tap =
        new Tap() {
          @Override
          public Interest interest(HookPoint point) {
            return point.activation().perLayer() && point.layer() == layer
                ? Interest.READ
                : Interest.NONE;
          }

          @Override
          public INDArray offer(HookPoint point, INDArray value) {
            points.put(point.activation(), value.dup('c'));
            return value;
          }
        };
    model.run(RunSpec.of(tokens).withTap(tap)).close();
    return points;
  }

  private static INDArray matrix(INDArray perHead, int head) {
    return perHead.get(
        NDArrayIndex.point(0), NDArrayIndex.point(head), NDArrayIndex.all(), NDArrayIndex.all());
  }

  /** The last row: earlier rows of scores are masked. */
  private static void assertLastRowsEqual(INDArray actual, INDArray expected) {
    assertThat(actual.shape()).isEqualTo(expected.shape());
    double[] values = actual.getRow(actual.rows() - 1L).dup().toDoubleVector();
    double[] wanted = expected.getRow(expected.rows() - 1L).dup().toDoubleVector();
    for (int i = 0; i < wanted.length; i++) {
      if (wanted[i] > -1e30) {
        assertThat(values[i]).isCloseTo(wanted[i], within(TOLERANCE));
      }
    }
  }

  @Test
  void aHeadHasItsColumnsAndItsRows() throws IOException {
    try (Gpt2 model = Gpt2.load(Fixtures.model("odd-shapes-untied"))) {
      HeadWeights head = HeadWeights.of(model, 2, 3);
      BlockWeights block = model.weights().blocks().get(2);
      assertThat(head.wQ().shape()).containsExactly(35, 7);
      assertThat(head.wO().shape()).containsExactly(7, 35);
      for (int i = 0; i < 7; i++) {
        int column = 3 * 7 + i;
        assertThat(head.wQ().getColumn(i)).isEqualTo(block.wQ().getColumn(column));
        assertThat(head.wK().getColumn(i)).isEqualTo(block.wK().getColumn(column));
        assertThat(head.wV().getColumn(i)).isEqualTo(block.wV().getColumn(column));
        assertThat(head.wO().getRow(i)).isEqualTo(block.wO().getRow(column));
        assertThat(head.bQ().getFloat(i)).isEqualTo(block.bQ().getFloat(column));
        assertThat(head.bK().getFloat(i)).isEqualTo(block.bK().getFloat(column));
        assertThat(head.bV().getFloat(i)).isEqualTo(block.bV().getFloat(column));
      }
    }
  }

  @Test
  void fullCircuitsGoFromTokensToTokens() throws IOException {
    try (Gpt2 model = Gpt2.load(Fixtures.model("odd-shapes-untied"), DataType.DOUBLE)) {
      HeadWeights head = HeadWeights.of(model, 0, 1);
      INDArray wE = model.weights().wE();
      INDArray ov = wE.mmul(head.wV()).mmul(head.wO()).mmul(model.weights().wU());
      INDArray qk = wE.mmul(head.wQ()).mmul(wE.mmul(head.wK()).transpose());
      assertThat(head.fullOv(model.weights()).product().equalsWithEps(ov, TOLERANCE)).isTrue();
      assertThat(head.fullQk(model.weights()).product().equalsWithEps(qk, TOLERANCE)).isTrue();
    }
  }

  @Test
  void aHeadThatIsNotThereIsRefused() throws IOException {
    Gpt2 model = Gpt2.load(Fixtures.model("tiny"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HeadWeights.of(model, 2, 0))
        .withMessage("layer 2 is out of range: tiny has layers 0 to 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HeadWeights.of(model, 0, -1))
        .withMessage("head -1 is out of range: tiny has heads 0 to 3");
    model.close();
    assertThatIllegalStateException().isThrownBy(() -> HeadWeights.of(model, 0, 0));
  }
}
