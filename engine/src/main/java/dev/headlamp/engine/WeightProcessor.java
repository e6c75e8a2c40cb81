package dev.headlamp.engine;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Carries out weight processing part by part, each in float64 through all steps and rounded once at
 * the end, so that at no time more than one part is there twice.
 */
final class WeightProcessor {

  private final Gpt2Config config;
  private final List<ProcessingStep> steps;
  private final boolean consuming;

  /** Copies of the arrays that no step changed; those of tied embeddings are one array. */
  private final IdentityHashMap<INDArray, INDArray> copies = new IdentityHashMap<>();

  private WeightProcessor(Gpt2Config config, WeightProcessing processing, boolean consuming) {
    this.config = config;
    this.steps = processing.steps().stream().map(WeightProcessor::actionOf).toList();
    this.consuming = consuming;
  }

  private static ProcessingStep actionOf(WeightProcessing.Step step) {
    return switch (step) {
      case FOLD_LN -> new FoldLayerNorm();
      case CENTER_WRITING_WEIGHTS -> new CenterWritingWeights();
      case CENTER_UNEMBED -> new CenterUnembed();
      case FOLD_VALUE_BIASES -> new FoldValueBiases();
      case REFACTOR_FACTORED_ATTN_MATRICES -> new RefactorAttention();
    };
  }

  /** Returns processed weights that share no array with {@code weights}, which stay as they are. */
  static Gpt2Weights copy(Gpt2Weights weights, Gpt2Config config, WeightProcessing processing) {
    return new WeightProcessor(config, processing, false).process(weights);
  }

  /**
   * Returns processed weights in place of {@code weights}: takes over the arrays that no step
   * changes and frees the others as it goes, all of them if it fails.
   */
  static Gpt2Weights consume(Gpt2Weights weights, Gpt2Config config, WeightProcessing processing) {
    if (processing.isNone()) {
      return weights;
    }
    try {
      Gpt2Weights processed = new WeightProcessor(config, processing, true).process(weights);
      closeAllBut(identitySet(processed.arrays().toList()), weights.arrays().toList());
      return processed;
    } catch (RuntimeException | Error e) {
      weights.close();
      throw e;
    }
  }

  @SuppressWarnings("try") // The scope is used by being open.
  private Gpt2Weights process(Gpt2Weights weights) {
    // A caller's workspace would own what is allocated here, and forbid to free it.
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      return processAll(weights);
    }
  }

  private Gpt2Weights processAll(Gpt2Weights weights) {
    List<BlockWeights> blocks = new ArrayList<>();
    for (int layer = 0; layer < config.nLayers(); layer++) {
      blocks.add(block(weights.blocks().get(layer), layer));
    }
    EmbeddingWeights embedding =
        process(
            new EmbeddingWeights(weights.wE(), weights.wPos()),
            EmbeddingWeights::map,
            (step, part) -> step.embedding(part),
            weights.dataType());
    UnembeddingWeights unembedding =
        process(
            new UnembeddingWeights(weights.lnFinal(), weights.unembedding(), weights.bU()),
            UnembeddingWeights::map,
            (step, part) -> step.unembedding(part),
            weights.dataType());
    return new Gpt2Weights(
        embedding.wE(),
        embedding.wPos(),
        blocks,
        unembedding.lnFinal(),
        unembedding.byToken(),
        unembedding.bU());
  }

  private BlockWeights block(BlockWeights block, int layer) {
    BlockWeights processed =
        process(
            block,
            BlockWeights::map,
            (step, part) -> step.block(part, config, layer),
            block.wQ().dataType());
    if (consuming) {
      closeAllBut(arrays(processed, BlockWeights::map), arrays(block, BlockWeights::map));
    }
    return processed;
  }

  /** Applies a function to every array of a part of the weights. */
  private interface Mapper<T> {
    T map(T part, UnaryOperator<INDArray> f);
  }

  private <T> T process(
      T part, Mapper<T> mapper, BiFunction<ProcessingStep, T, T> apply, DataType type) {
    IdentityHashMap<INDArray, INDArray> originals = new IdentityHashMap<>();
    T current =
        mapper.map(
            part,
            array -> {
              INDArray wide = Float64.copy(array, DataType.DOUBLE);
              originals.put(wide, array);
              return wide;
            });
    for (ProcessingStep step : steps) {
      T next = apply.apply(step, current);
      closeAllBut(arrays(next, mapper), arrays(current, mapper));
      current = next;
    }
    T result =
        mapper.map(
            current,
            wide -> {
              INDArray unchanged = originals.get(wide);
              return unchanged == null ? Float64.copy(wide, type) : kept(unchanged);
            });
    arrays(current, mapper).forEach(INDArray::close);
    return result;
  }

  private INDArray kept(INDArray original) {
    return consuming
        ? original
        : copies.computeIfAbsent(original, array -> Float64.copy(array, array.dataType()));
  }

  private static <T> Set<INDArray> arrays(T part, Mapper<T> mapper) {
    Set<INDArray> found = identitySet(List.of());
    mapper.map(
        part,
        array -> {
          found.add(array);
          return array;
        });
    return found;
  }

  /** Arrays are told apart by identity: two equal ones are still two. */
  private static Set<INDArray> identitySet(Iterable<INDArray> arrays) {
    Set<INDArray> set = Collections.newSetFromMap(new IdentityHashMap<>());
    arrays.forEach(set::add);
    return set;
  }

  private static void closeAllBut(Set<INDArray> needed, Iterable<INDArray> arrays) {
    for (INDArray array : arrays) {
      if (!needed.contains(array) && !array.wasClosed()) {
        array.close();
      }
    }
  }
}
