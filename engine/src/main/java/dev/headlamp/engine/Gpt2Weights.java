package dev.headlamp.engine;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * All weights of a model by their role. Borrowed from the model and not to be written to.
 *
 * @param wE token embedding {@code [d_vocab, d_model]}
 * @param wPos position embedding {@code [n_ctx, d_model]}
 * @param blocks the blocks in order
 * @param lnFinal final layer norm
 * @param unembedding the unembedding by token, W_U transposed: {@code [d_vocab, d_model]}; the same
 *     array as {@code wE} where embeddings are tied
 * @param bU bias of the unembedding {@code [d_vocab]}, or null where there is none
 */
public record Gpt2Weights(
    INDArray wE,
    INDArray wPos,
    List<BlockWeights> blocks,
    LayerNormWeights lnFinal,
    INDArray unembedding,
    @Nullable INDArray bU) {

  /** Copies the list of blocks. */
  public Gpt2Weights {
    blocks = List.copyOf(blocks);
  }

  /** Returns the unembedding W_U {@code [d_model, d_vocab]}, a view. */
  public INDArray wU() {
    return unembedding.transpose();
  }

  /** Returns the type of every array: FLOAT or DOUBLE. */
  public DataType dataType() {
    return wE.dataType();
  }

  /** Returns every array there is, borrowed, always in the same order; tied embeddings twice. */
  public Stream<INDArray> arrays() {
    return Stream.concat(
        Stream.<@Nullable INDArray>of(wE, wPos, lnFinal.gain(), lnFinal.bias(), unembedding, bU)
            .filter(Objects::nonNull),
        blocks.stream().flatMap(BlockWeights::arrays));
  }

  /** Returns the matrices that runs multiply by. */
  List<INDArray> factors() {
    return Stream.concat(blocks.stream().flatMap(BlockWeights::factors), Stream.of(unembedding))
        .toList();
  }

  /** Frees every array. */
  void close() {
    arrays().filter(array -> !array.wasClosed()).forEach(INDArray::close);
  }
}
