package dev.headlamp.engine;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Refuses weights that are not of a configuration's sizes: the native kernels would not. */
final class WeightsCheck {

  private final Gpt2Config config;
  private final DataType type;

  WeightsCheck(Gpt2Config config, DataType type) {
    this.config = config;
    this.type = type;
  }

  /**
   * Checks that a model can run in a type.
   *
   * @throws IllegalArgumentException if it is not FLOAT or DOUBLE
   */
  static void checkType(DataType type) {
    if (type != DataType.FLOAT && type != DataType.DOUBLE) {
      throw new IllegalArgumentException("a model runs in FLOAT or DOUBLE, not in " + type);
    }
  }

  /**
   * Checks every array.
   *
   * @throws IllegalArgumentException if one is of another shape or type; the message names it
   */
  void check(Gpt2Weights weights) {
    checkType(type);
    int dModel = config.dModel();
    array("wE", weights.wE(), config.dVocab(), dModel);
    array("wPos", weights.wPos(), config.nCtx(), dModel);
    array("unembedding", weights.unembedding(), config.dVocab(), dModel);
    optional("bU", weights.bU(), config.dVocab());
    layerNorm("lnFinal", weights.lnFinal());
    if (weights.blocks().size() != config.nLayers()) {
      throw new IllegalArgumentException(
          "there are %d blocks, but %s has %d layers"
              .formatted(weights.blocks().size(), config.name(), config.nLayers()));
    }
    for (int layer = 0; layer < config.nLayers(); layer++) {
      block("block " + layer + " ", weights.blocks().get(layer));
    }
  }

  private void block(String of, BlockWeights block) {
    int dModel = config.dModel();
    layerNorm(of + "ln1", block.ln1());
    array(of + "wQ", block.wQ(), dModel, dModel);
    optional(of + "bQ", block.bQ(), dModel);
    array(of + "wK", block.wK(), dModel, dModel);
    optional(of + "bK", block.bK(), dModel);
    array(of + "wV", block.wV(), dModel, dModel);
    optional(of + "bV", block.bV(), dModel);
    array(of + "wO", block.wO(), dModel, dModel);
    array(of + "bO", block.bO(), dModel);
    layerNorm(of + "ln2", block.ln2());
    array(of + "wIn", block.wIn(), dModel, config.dMlp());
    array(of + "bIn", block.bIn(), config.dMlp());
    array(of + "wOut", block.wOut(), config.dMlp(), dModel);
    array(of + "bOut", block.bOut(), dModel);
  }

  private void layerNorm(String name, LayerNormWeights norm) {
    array(name + " gain", norm.gain(), config.dModel());
    array(name + " bias", norm.bias(), config.dModel());
  }

  private void optional(String name, @Nullable INDArray array, long... shape) {
    if (array != null) {
      array(name, array, shape);
    }
  }

  private void array(String name, INDArray array, long... shape) {
    if (!Arrays.equals(array.shape(), shape) || array.dataType() != type) {
      throw new IllegalArgumentException(
          "%s must be %s %s, not %s %s"
              .formatted(
                  name,
                  type,
                  Arrays.toString(shape),
                  array.dataType(),
                  Arrays.toString(array.shape())));
    }
    if (!Arrays.equals(array.stride(), Nd4j.getStrides(shape, 'c'))) {
      throw new IllegalArgumentException(
          name + " must be in C order, its last axis without gaps: take its dup('c')");
    }
  }
}
