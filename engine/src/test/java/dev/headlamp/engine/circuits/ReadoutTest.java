package dev.headlamp.engine.circuits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.BlockWeights;
import dev.headlamp.engine.Gpt2;
import dev.headlamp.fixtures.Fixtures;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Singular directions of weights, and the tokens that directions stand for. */
class ReadoutTest {

  private static final double TOLERANCE = 1e-12;

  private Gpt2 model;

  @BeforeEach
  void load() throws IOException {
    model = Gpt2.load(Fixtures.model("odd-shapes-untied"), DataType.DOUBLE);
  }

  @AfterEach
  void close() {
    model.close();
  }

  /** Reading direction i at strength 1 writes direction i at its strength, up to the sign. */
  @Test
  void aHeadWritesForEachDirectionThatItReadsAnother() {
    HeadWeights head = HeadWeights.of(model, 1, 2);
    SingularDirections read = SingularDirections.readByOv(head);
    SingularDirections written = SingularDirections.writtenByOv(head);
    assertThat(read.directions().shape()).containsExactly(7, 35);
    for (int i = 0; i < 7; i++) {
      INDArray moved = head.ov().vectorTimes(read.direction(i));
      INDArray expected = written.direction(i).mul(written.strengths().getDouble(i));
      assertThat(read.direction(i).norm2Number().doubleValue()).isCloseTo(1, within(TOLERANCE));
      assertThat(moved.sub(expected).norm2Number().doubleValue()).isLessThan(TOLERANCE);
    }
  }

  @Test
  void anMlpReadsAndWritesAtItsStrengths() {
    BlockWeights block = model.weights().blocks().get(0);
    SingularDirections read = SingularDirections.readByMlp(block);
    SingularDirections written = SingularDirections.writtenByMlp(block);
    for (int i = 0; i < 35; i++) {
      assertThat(length(read.direction(i).reshape(1, 35).mmul(block.wIn())))
          .isCloseTo(read.strengths().getDouble(i), within(TOLERANCE));
      assertThat(length(block.wOut().mmul(written.direction(i).reshape(35, 1))))
          .isCloseTo(written.strengths().getDouble(i), within(TOLERANCE));
    }
  }

  private static double length(INDArray x) {
    return x.norm2Number().doubleValue();
  }

  @Test
  void theTopTokenIsTheOneWhoseUnembeddingADirectionIs() {
    INDArray unembedding = model.weights().unembedding();
    VocabularyReadout readout = VocabularyReadout.of(model);
    int vocabulary = model.config().dVocab();
    INDArray direction = unembedding.getRow(5).sub(unembedding.getRow(9));
    List<TokenScore> all = readout.top(direction, vocabulary);
    assertThat(all).isSortedAccordingTo((x, y) -> Double.compare(y.score(), x.score()));
    assertThat(all).extracting(TokenScore::id).doesNotHaveDuplicates().hasSize(vocabulary);
    for (TokenScore token : all) {
      double expected = direction.mul(unembedding.getRow(token.id())).sumNumber().doubleValue();
      assertThat(token.score()).isCloseTo(expected, within(TOLERANCE));
    }
    assertThat(readout.bottom(direction, 2))
        .containsExactly(all.get(vocabulary - 1), all.get(vocabulary - 2));
  }

  @Test
  void whatIsNoDirectionIsRefused() {
    VocabularyReadout readout = VocabularyReadout.of(model);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> readout.top(Nd4j.ones(DataType.DOUBLE, 34), 1))
        .withMessage("directions must be [count, 35], not [1, 34]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> readout.top(Nd4j.ones(DataType.DOUBLE, 35), 1_000_000));
  }
}
