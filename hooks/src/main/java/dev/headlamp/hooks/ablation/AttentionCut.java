package dev.headlamp.hooks.ablation;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.Hook;
import dev.headlamp.hooks.HookContext;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Cuts attention to some positions; see {@link Ablations#cutAttention}. */
record AttentionCut(List<Integer> sources) implements Hook {

  AttentionCut {
    sources = List.copyOf(sources);
    if (sources.isEmpty()) {
      throw new IllegalArgumentException("at least one source is needed for attention to be cut");
    }
  }

  @Override
  public INDArray apply(INDArray value, HookContext context) {
    if (context.point().activation() != Activation.ATTN_SCORES) {
      throw new IllegalArgumentException(
          "attention is cut at attn_scores, not at " + context.point());
    }
    int width = Math.toIntExact(value.size(-1));
    checkSources(width);
    double[] scores = Values.of(value);
    for (int row = 0; row < scores.length; row += width) {
      boolean attends = attends(scores, row, width);
      for (int source : sources) {
        scores[row + source] = Double.NEGATIVE_INFINITY;
      }
      if (attends && !attends(scores, row, width)) {
        throw nothingLeft(value, context, row / width);
      }
    }
    return Values.array(scores, value.shape(), value.dataType());
  }

  private void checkSources(int width) {
    for (int source : sources) {
      if (source < 0 || source >= width) {
        throw new IllegalArgumentException(
            "source position %d is out of range: this run attends to positions 0 to %d"
                .formatted(source, width - 1));
      }
    }
  }

  private static boolean attends(double[] scores, int row, int width) {
    return Arrays.stream(scores, row, row + width)
        .anyMatch(score -> score != Double.NEGATIVE_INFINITY);
  }

  /** A softmax of nothing would be NaN, and all that comes after it. */
  private static IllegalArgumentException nothingLeft(
      INDArray value, HookContext context, int row) {
    int rows = Math.toIntExact(value.size(2));
    int prompt = row / (rows * Math.toIntExact(value.size(1)));
    TokenBatch tokens = context.tokens();
    return new IllegalArgumentException(
        "position %d of prompt %d would attend to nothing at %s: name the positions that are to be cut off"
            .formatted(
                context.part().positions().resolve(tokens)[prompt][row % rows],
                prompt,
                context.point()));
  }
}
