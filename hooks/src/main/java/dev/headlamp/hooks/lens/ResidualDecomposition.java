package dev.headlamp.hooks.lens;

import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * What a reader of the residual stream reads, taken apart. Holds no arrays: they are computed from
 * the cache when asked for, and attribution to neurons never makes the vectors that they wrote.
 */
public final class ResidualDecomposition {

  private static final String REMAINDER = "remainder";

  private final ResidualStream stream;
  private final List<Writers> writers;

  ResidualDecomposition(ResidualStream stream, List<Writers> writers) {
    this.stream = stream;
    this.writers = List.copyOf(writers);
  }

  /** Returns the name of each part. */
  public List<String> labels() {
    return writers.stream().flatMap(some -> some.labels().stream()).toList();
  }

  /**
   * Returns these parts and, named {@code remainder}, what they leave of the stream. Of the parts
   * that are all there is, it is 0 up to rounding, unless a hook wrote into the stream.
   */
  public ResidualDecomposition withRemainder() {
    if (labels().contains(REMAINDER)) {
      return this;
    }
    List<Writers> all = new ArrayList<>(writers);
    all.add(new OneWriter(REMAINDER, stream.rows(), this::remainder));
    return new ResidualDecomposition(stream, all);
  }

  private INDArray remainder() {
    INDArray rest = stream.rows().of(stream.point());
    for (Writers some : writers) {
      try (INDArray sum = some.sum()) {
        rest.subi(sum);
      }
    }
    return rest;
  }

  /**
   * Returns the parts as vectors: {@code components · batch · pos · d_model} numbers, owned by the
   * caller. For all neurons of GPT-2 small these are 113 MB for each position of each prompt.
   *
   * @throws IllegalArgumentException if there are no parts, or the cache lacks a point; the message
   *     names it
   * @throws IllegalStateException if the cache or the model is closed
   */
  public ResidualStack stack() {
    return Detached.call(() -> new ResidualStack(labels(), stream.rows(), vectors()));
  }

  /**
   * Returns the parts as the reader reads them, through the linear map that its layer norm was in
   * the run: {@code (part - mean) / cached scale · gain}. The norm's bias is left out, because it
   * belongs to no part; with it the parts sum to {@code hook_normalized}. TransformerLens' {@code
   * apply_ln_to_stack} leaves out the gain too, which after {@code fold_ln} is the same.
   *
   * @return owned by the caller
   * @throws IllegalArgumentException if there are no parts, or the cache lacks a point; the message
   *     names it
   * @throws IllegalStateException if the cache or the model is closed
   */
  public ResidualStack layerNormed() {
    return Detached.call(
        () -> {
          INDArray vectors = vectors();
          stream
              .norm()
              .applyToParts(
                  vectors.reshape('c', vectors.length() / vectors.size(3), vectors.size(3)));
          return new ResidualStack(labels(), stream.rows(), vectors);
        });
  }

  private void requireSome() {
    if (writers.isEmpty()) {
      throw new IllegalArgumentException(
          "nothing of what is asked for writes before %s reads".formatted(stream.reader()));
    }
  }

  private INDArray vectors() {
    requireSome();
    CachedRows rows = stream.rows();
    long width = stream.model().config().dModel();
    INDArray vectors =
        Nd4j.createUninitialized(
            stream.model().dataType(),
            new long[] {labels().size(), rows.batch(), rows.perPrompt(), width},
            'c');
    INDArray byRow = vectors.reshape('c', labels().size(), rows.count(), width);
    long from = 0;
    for (Writers some : writers) {
      long to = from + some.labels().size();
      some.copyTo(
          byRow.get(NDArrayIndex.interval(from, to), NDArrayIndex.all(), NDArrayIndex.all()));
      from = to;
    }
    return vectors;
  }

  /**
   * Returns how much of a logit, or of a logit difference, each part is.
   *
   * @throws IllegalArgumentException if what reads this stream is not the unembedding, the cache
   *     lacks a point, a token is not in the vocabulary, or there are answers for another number of
   *     prompts
   * @throws IllegalStateException if the cache or the model is closed
   */
  public LogitAttribution attribution(LogitTarget target) {
    if (!stream.reader().equals(ResidualReader.unembedding())) {
      throw new IllegalArgumentException(
          "logits are attributed to what the unembedding reads, and this is what %s reads"
              .formatted(stream.reader()));
    }
    requireSome();
    return Detached.call(() -> attributionOf(target));
  }

  private LogitAttribution attributionOf(LogitTarget target) {
    CachedRows rows = stream.rows();
    double[][] unembedded = stream.directions(target);
    ReaderNorm norm = stream.norm();
    Directions inFront = norm.inFront(unembedded);
    double[] scales = norm.cachedScales();
    double[] biases = norm.biasAlong(unembedded);
    double[] offsets = target.offsets(stream.model().engine().weights(), rows.batch());
    Arrays.setAll(biases, prompt -> biases[prompt] + offsets[prompt]);
    double[] values =
        writers.stream()
            .flatMap(some -> Arrays.stream(some.along(inFront)))
            .flatMapToDouble(Arrays::stream)
            .toArray();
    Arrays.setAll(values, i -> values[i] / scales[i % scales.length]);
    List<Axis> axes =
        List.of(new Axis("component", labels()), rows.promptAxis(), rows.positionAxis());
    return new LogitAttribution(
        LabelledArray.of("direct attribution of the " + target.name(), "logits", axes, values),
        LabelledArray.of(
            "biases of the final layer norm and the unembedding",
            "logits",
            List.of(rows.promptAxis()),
            biases));
  }
}
