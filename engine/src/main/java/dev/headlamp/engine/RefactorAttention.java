package dev.headlamp.engine;

import dev.headlamp.engine.linalg.Svd;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * refactor_factored_attn_matrices: a head depends on wQ and wK only through wQ·wKᵀ, and on wV and
 * wO only through wV·wO, so each pair may become the factors of that product's singular value
 * decomposition. The biases of queries and keys go along as one more row.
 */
final class RefactorAttention implements ProcessingStep {

  private final ProcessingStep foldValueBiases = new FoldValueBiases();

  @Override
  public BlockWeights block(BlockWeights block, Gpt2Config config, int layer) {
    BlockWeights folded = foldValueBiases.block(block, config, layer);
    return refactorOv(refactorQk(folded, config, layer), config, layer);
  }

  /** wQ' = U·sqrt(S), wK' = V·sqrt(S). */
  private static BlockWeights refactorQk(BlockWeights block, Gpt2Config config, int layer) {
    INDArray q = withBiasRow(block.wQ(), block.bQ());
    INDArray k = withBiasRow(block.wK(), block.bK());
    for (int head = 0; head < config.nHeads(); head++) {
      INDArrayIndex columns = slice(head, config.dHead());
      INDArray headQ = q.get(NDArrayIndex.all(), columns);
      INDArray headK = k.get(NDArrayIndex.all(), columns);
      checkFinite(headQ, "wQ and bQ", config, layer, head);
      checkFinite(headK, "wK and bK", config, layer, head);
      try (Svd svd = Svd.ofProduct(headQ, headK.transpose());
          INDArray roots = Transforms.sqrt(svd.s(), true)) {
        headQ.assign(svd.u().muliRowVector(roots));
        headK.assign(svd.v().muliRowVector(roots));
      }
    }
    boolean biased = block.bQ() != null || block.bK() != null;
    return block.withQk(
        withoutBiasRow(q),
        biased ? biasRow(q) : null,
        withoutBiasRow(k),
        biased ? biasRow(k) : null);
  }

  /** wV' = U·S, wO' = Vᵀ. */
  private static BlockWeights refactorOv(BlockWeights block, Gpt2Config config, int layer) {
    INDArray v = block.wV().dup('c');
    INDArray o = block.wO().dup('c');
    for (int head = 0; head < config.nHeads(); head++) {
      INDArrayIndex slice = slice(head, config.dHead());
      INDArray headV = v.get(NDArrayIndex.all(), slice);
      INDArray headO = o.get(slice, NDArrayIndex.all());
      checkFinite(headV, "wV", config, layer, head);
      checkFinite(headO, "wO", config, layer, head);
      try (Svd svd = Svd.ofProduct(headV, headO)) {
        headV.assign(svd.u().muliRowVector(svd.s()));
        headO.assign(svd.v().transpose());
      }
    }
    return block.withOv(v, block.bV(), o, block.bO());
  }

  private static INDArrayIndex slice(int head, int dHead) {
    return NDArrayIndex.interval((long) head * dHead, (head + 1L) * dHead);
  }

  private static INDArray withBiasRow(INDArray w, @Nullable INDArray b) {
    INDArray extended = Nd4j.create(DataType.DOUBLE, w.size(0) + 1, w.size(1));
    extended.get(NDArrayIndex.interval(0, w.size(0)), NDArrayIndex.all()).assign(w);
    if (b != null) {
      extended.getRow(w.size(0)).assign(b);
    }
    return extended;
  }

  private static INDArray withoutBiasRow(INDArray extended) {
    long rows = extended.size(0) - 1;
    return extended.get(NDArrayIndex.interval(0, rows), NDArrayIndex.all()).dup('c');
  }

  private static INDArray biasRow(INDArray extended) {
    return extended.getRow(extended.size(0) - 1).dup('c');
  }

  private static void checkFinite(INDArray w, String what, Gpt2Config config, int layer, int head) {
    if (!Double.isFinite(w.sumNumber().doubleValue())) {
      throw new IllegalArgumentException(
          "%s of layer %d, head %d of %s holds a value that is not finite: %s needs finite weights"
              .formatted(
                  what,
                  layer,
                  head,
                  config.name(),
                  WeightProcessing.Step.REFACTOR_FACTORED_ATTN_MATRICES));
    }
  }
}
