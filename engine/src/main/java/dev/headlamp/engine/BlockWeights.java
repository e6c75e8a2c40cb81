package dev.headlamp.engine;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The weights of one block, laid out to stand on the right of a product: {@code x·w}. Column {@code
 * h·d_head + i} of wQ, wK and wV, and row {@code h·d_head + i} of wO, belong to head h. Borrowed
 * from the model and not to be written to.
 *
 * @param ln1 layer norm in front of the attention
 * @param wQ {@code [d_model, head·d_head]}
 * @param bQ {@code [head·d_head]}, or null where the architecture has none
 * @param wK {@code [d_model, head·d_head]}
 * @param bK {@code [head·d_head]}, or null
 * @param wV {@code [d_model, head·d_head]}
 * @param bV {@code [head·d_head]}, or null
 * @param wO {@code [head·d_head, d_model]}
 * @param bO {@code [d_model]}
 * @param ln2 layer norm in front of the MLP
 * @param wIn {@code [d_model, d_mlp]}
 * @param bIn {@code [d_mlp]}
 * @param wOut {@code [d_mlp, d_model]}
 * @param bOut {@code [d_model]}
 */
public record BlockWeights(
    LayerNormWeights ln1,
    INDArray wQ,
    @Nullable INDArray bQ,
    INDArray wK,
    @Nullable INDArray bK,
    INDArray wV,
    @Nullable INDArray bV,
    INDArray wO,
    INDArray bO,
    LayerNormWeights ln2,
    INDArray wIn,
    INDArray bIn,
    INDArray wOut,
    INDArray bOut) {

  BlockWeights map(UnaryOperator<INDArray> f) {
    return new BlockWeights(
        ln1.map(f),
        f.apply(wQ),
        mapBias(bQ, f),
        f.apply(wK),
        mapBias(bK, f),
        f.apply(wV),
        mapBias(bV, f),
        f.apply(wO),
        f.apply(bO),
        ln2.map(f),
        f.apply(wIn),
        f.apply(bIn),
        f.apply(wOut),
        f.apply(bOut));
  }

  private static @Nullable INDArray mapBias(@Nullable INDArray bias, UnaryOperator<INDArray> f) {
    return bias == null ? null : f.apply(bias);
  }

  BlockWeights withLayerNorms(LayerNormWeights ln1, LayerNormWeights ln2) {
    return new BlockWeights(ln1, wQ, bQ, wK, bK, wV, bV, wO, bO, ln2, wIn, bIn, wOut, bOut);
  }

  BlockWeights withQk(INDArray wQ, @Nullable INDArray bQ, INDArray wK, @Nullable INDArray bK) {
    return new BlockWeights(ln1, wQ, bQ, wK, bK, wV, bV, wO, bO, ln2, wIn, bIn, wOut, bOut);
  }

  BlockWeights withOv(INDArray wV, @Nullable INDArray bV, INDArray wO, INDArray bO) {
    return new BlockWeights(ln1, wQ, bQ, wK, bK, wV, bV, wO, bO, ln2, wIn, bIn, wOut, bOut);
  }

  BlockWeights withMlp(INDArray wIn, INDArray bIn, INDArray wOut, INDArray bOut) {
    return new BlockWeights(ln1, wQ, bQ, wK, bK, wV, bV, wO, bO, ln2, wIn, bIn, wOut, bOut);
  }

  /** Returns what queries, keys and values are made with. */
  List<INDArray> attentionWeights() {
    return List.of(wQ, wK, wV);
  }

  List<@Nullable INDArray> attentionBiases() {
    return Arrays.<@Nullable INDArray>asList(bQ, bK, bV);
  }

  Stream<INDArray> factors() {
    return Stream.of(wQ, wK, wV, wO, wIn, wOut);
  }

  Stream<INDArray> arrays() {
    return Stream.<@Nullable INDArray>of(
            ln1.gain(),
            ln1.bias(),
            wQ,
            bQ,
            wK,
            bK,
            wV,
            bV,
            wO,
            bO,
            ln2.gain(),
            ln2.bias(),
            wIn,
            bIn,
            wOut,
            bOut)
        .filter(Objects::nonNull);
  }
}
