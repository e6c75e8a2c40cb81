package dev.headlamp.hooks.lens;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.BlockWeights;
import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.engine.Gpt2Weights;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.hooks.ActivationCache;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.Positions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The residual stream of a cached run, as one of its readers reads it: what it held at each layer
 * before, and which parts it is the sum of. Immutable. Borrows the model and the cache, which must
 * be open when something is computed; the cache needs {@code CacheSpec.defaults()}, or of it the
 * points that are read here.
 *
 * <p>At positions that hold padding the numbers mean nothing.
 */
public final class ResidualStream {

  private final HookedGpt2 model;
  private final ActivationCache cache;
  private final ResidualReader reader;
  private final CachedRows rows;

  private ResidualStream(
      HookedGpt2 model, ActivationCache cache, ResidualReader reader, CachedRows rows) {
    this.model = model;
    this.cache = cache;
    this.reader = reader;
    this.rows = rows;
  }

  /**
   * Returns the residual stream that the unembedding reads, at all positions that the cache holds.
   *
   * @param model the model that was run
   * @throws IllegalArgumentException if the cache is of a run of another model, or of the same with
   *     its weights processed differently
   */
  public static ResidualStream of(HookedGpt2 model, ActivationCache cache) {
    return new ResidualStream(
        model,
        cache.checkedFor(model),
        ResidualReader.unembedding(),
        new CachedRows(cache, Positions.all()));
  }

  /**
   * Returns the stream at only the given positions.
   *
   * @throws IllegalArgumentException if one is not in the cache
   */
  public ResidualStream at(Positions positions) {
    return new ResidualStream(model, cache, reader, new CachedRows(cache, positions));
  }

  /**
   * Returns the stream as another reader reads it.
   *
   * @throws IllegalArgumentException if the model has no such layer
   */
  public ResidualStream readBy(ResidualReader reader) {
    return new ResidualStream(model, cache, reader.checkedFor(model.config()), rows);
  }

  /** Returns what the stream held in front of each layer, and as the reader reads it. */
  public AccumulatedResidual accumulated() {
    return new AccumulatedResidual(this, false);
  }

  /**
   * Returns the parts {@code embed}, {@code pos_embed} and, of each layer, {@code 0_attn_out} and
   * {@code 0_mlp_out}, which hold the output biases. The stream is their sum.
   */
  public ResidualDecomposition components() {
    List<Writers> writers = embeddings();
    Gpt2Config config = model.config();
    for (int layer = 0; layer < reader.attentionsBefore(config); layer++) {
      writers.add(cached(layer + "_attn_out", HookPoint.of(Activation.ATTN_OUT, layer)));
      if (layer < reader.mlpsBefore(config)) {
        writers.add(mlpOut(layer));
      }
    }
    return new ResidualDecomposition(this, writers);
  }

  /**
   * Returns what heads wrote, computed from z: {@code L0H0}, {@code L0H1} and so on. The output
   * biases belong to no head. An edit of {@code hook_result} is not seen; it is in the remainder.
   *
   * @param layers of which layers; of all that the reader comes after, if none is given
   * @throws IllegalArgumentException if there is no such layer, or it does not come before
   */
  public ResidualDecomposition heads(int... layers) {
    return new ResidualDecomposition(
        this,
        layers(layers, reader.attentionsBefore(model.config())).mapToObj(this::heads).toList());
  }

  /**
   * Returns what neurons wrote: {@code L0N0}, {@code L0N1} and so on. The output biases belong to
   * no neuron.
   *
   * @param layers of which layers; of all that the reader comes after, if none is given
   * @throws IllegalArgumentException if there is no such layer, or it does not come before
   */
  public ResidualDecomposition neurons(int... layers) {
    return new ResidualDecomposition(
        this, layers(layers, reader.mlpsBefore(model.config())).mapToObj(this::neurons).toList());
  }

  /**
   * Returns every head, every MLP as a whole with its output bias ({@code 0_mlp_out}), {@code
   * embed}, {@code pos_embed}, and as {@code bias} the output biases of the attentions. The stream
   * is their sum.
   */
  public ResidualDecomposition headsAndMlps() {
    return whole(this::mlpOut, false);
  }

  /**
   * Returns every head, every neuron, {@code embed}, {@code pos_embed}, and as {@code bias} the
   * output biases of the attentions and MLPs, in TransformerLens' order. The stream is their sum.
   */
  public ResidualDecomposition full() {
    return whole(this::neurons, true);
  }

  private ResidualDecomposition whole(IntFunction<Writers> mlp, boolean biasesOfMlpsToo) {
    Gpt2Config config = model.config();
    List<Writers> writers = new ArrayList<>();
    IntStream.range(0, reader.attentionsBefore(config)).mapToObj(this::heads).forEach(writers::add);
    IntStream.range(0, reader.mlpsBefore(config)).mapToObj(mlp).forEach(writers::add);
    writers.addAll(embeddings());
    writers.add(new OneWriter("bias", rows, () -> biases(biasesOfMlpsToo)));
    return new ResidualDecomposition(this, writers);
  }

  private List<Writers> embeddings() {
    List<Writers> writers = new ArrayList<>();
    writers.add(cached("embed", HookPoint.of(Activation.EMBED)));
    writers.add(cached("pos_embed", HookPoint.of(Activation.POS_EMBED)));
    return writers;
  }

  private Writers mlpOut(int layer) {
    return cached(layer + "_mlp_out", HookPoint.of(Activation.MLP_OUT, layer));
  }

  private Writers cached(String label, HookPoint point) {
    return new OneWriter(label, rows, () -> rows.of(point));
  }

  private Writers heads(int layer) {
    return new WeightedWriters(
        labels("L" + layer + "H", model.config().nHeads()),
        rows,
        HookPoint.of(Activation.Z, layer),
        weights().blocks().get(layer).wO());
  }

  private Writers neurons(int layer) {
    return new WeightedWriters(
        labels("L" + layer + "N", model.config().dMlp()),
        rows,
        HookPoint.of(Activation.MLP_POST, layer),
        weights().blocks().get(layer).wOut());
  }

  private static List<String> labels(String prefix, int count) {
    return IntStream.range(0, count).mapToObj(i -> prefix + i).toList();
  }

  /** Returns the sum of all output biases before the reader, in every row. */
  private INDArray biases(boolean ofMlpsToo) {
    Gpt2Config config = model.config();
    INDArray sums = Nd4j.zeros(model.dataType(), rows.count(), config.dModel());
    for (int layer = 0; layer < reader.attentionsBefore(config); layer++) {
      BlockWeights block = weights().blocks().get(layer);
      sums.addiRowVector(block.bO());
      if (ofMlpsToo && layer < reader.mlpsBefore(config)) {
        sums.addiRowVector(block.bOut());
      }
    }
    return sums;
  }

  private IntStream layers(int[] chosen, int before) {
    if (chosen.length == 0) {
      return IntStream.range(0, before);
    }
    for (int layer : chosen) {
      model.config().checkLayer(layer);
      if (layer >= before) {
        throw new IllegalArgumentException(
            "layer %d writes after %s has read: choose layers below %d"
                .formatted(layer, reader, before));
      }
    }
    return Arrays.stream(chosen).distinct();
  }

  HookedGpt2 model() {
    return model;
  }

  ResidualReader reader() {
    return reader;
  }

  CachedRows rows() {
    return rows;
  }

  /** Returns the point that holds what the reader reads. */
  HookPoint point() {
    return reader.stream(model.config());
  }

  ReaderNorm norm() {
    return new ReaderNorm(reader, model, rows);
  }

  /** Returns the vectors of the unembedding that a target means, {@code [batch][d_model]}. */
  double[][] directions(LogitTarget target) {
    return target.directions(model.config(), weights(), rows.batch());
  }

  private Gpt2Weights weights() {
    return model.engine().weights();
  }
}
