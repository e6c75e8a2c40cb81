package dev.headlamp.engine;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A model is not made of weights that its configuration does not describe. */
class WeightsCheckTest {

  private static final Gpt2Weights TINY = Tiny.FLOAT.weights();

  @Test
  void weightsOfAnotherModelAreRefused() {
    assertRefused(Gpt2Config.gpt2(), TINY, "wE must be FLOAT [50257, 768], not FLOAT [101, 32]");
  }

  @Test
  void anotherNumberOfBlocksIsRefused() {
    assertRefused(
        Tiny.CONFIG,
        withBlocks(TINY.blocks().subList(0, 1)),
        "there are 1 blocks, but tiny has 2 layers");
  }

  @Test
  void anArrayOfAnotherShapeIsNamed() {
    INDArray wIn = Nd4j.zeros(DataType.FLOAT, 128, 32);
    assertRefused(
        Tiny.CONFIG,
        withBlocks(List.of(TINY.blocks().get(0), withWIn(TINY.blocks().get(1), wIn))),
        "block 1 wIn must be FLOAT [32, 128], not FLOAT [128, 32]");
  }

  @Test
  void anArrayOfAnotherTypeIsNamed() {
    INDArray wIn = Nd4j.zeros(DataType.DOUBLE, 32, 128);
    assertRefused(
        Tiny.CONFIG,
        withBlocks(List.of(withWIn(TINY.blocks().get(0), wIn), TINY.blocks().get(1))),
        "block 0 wIn must be FLOAT [32, 128], not DOUBLE [32, 128]");
  }

  @Test
  void anotherMemoryOrderIsRefused() {
    INDArray wIn = Nd4j.zeros(DataType.FLOAT, 128, 32).transpose();
    assertRefused(
        Tiny.CONFIG,
        withBlocks(List.of(withWIn(TINY.blocks().get(0), wIn), TINY.blocks().get(1))),
        "block 0 wIn must be in C order, its last axis without gaps: take its dup('c')");
  }

  @Test
  void aBiasOfAnotherShapeIsNamed() {
    INDArray bU = Nd4j.zeros(DataType.FLOAT, 1, 101);
    Gpt2Weights weights =
        new Gpt2Weights(
            TINY.wE(), TINY.wPos(), TINY.blocks(), TINY.lnFinal(), TINY.unembedding(), bU);
    assertRefused(Tiny.CONFIG, weights, "bU must be FLOAT [101], not FLOAT [1, 101]");
  }

  private static Gpt2Weights withBlocks(List<BlockWeights> blocks) {
    return new Gpt2Weights(
        TINY.wE(), TINY.wPos(), blocks, TINY.lnFinal(), TINY.unembedding(), TINY.bU());
  }

  private static BlockWeights withWIn(BlockWeights b, INDArray wIn) {
    return new BlockWeights(
        b.ln1(), b.wQ(), b.bQ(), b.wK(), b.bK(), b.wV(), b.bV(), b.wO(), b.bO(), b.ln2(), wIn,
        b.bIn(), b.wOut(), b.bOut());
  }

  private static void assertRefused(Gpt2Config config, Gpt2Weights weights, String message) {
    assertThatThrownBy(() -> Gpt2.of(config, weights))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
