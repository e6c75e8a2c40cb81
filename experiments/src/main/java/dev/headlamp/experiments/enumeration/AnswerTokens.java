package dev.headlamp.experiments.enumeration;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The tokens whose logits some prompts need, each once: the columns of an array of logits. */
final class AnswerTokens {

  private final int[] tokens;
  private final Map<Integer, Integer> columns = new HashMap<>();

  private AnswerTokens(int[] tokens) {
    this.tokens = tokens;
    for (int token : tokens) {
      columns.put(token, columns.size());
    }
  }

  static AnswerTokens of(List<ScoredPrompt> prompts) {
    return new AnswerTokens(
        prompts.stream()
            .flatMapToInt(prompt -> IntStream.of(prompt.answer(), prompt.wrong()))
            .distinct()
            .toArray());
  }

  int[] tokens() {
    return tokens;
  }

  /**
   * Returns {@code logit[answer] - logit[wrong]} of each prompt.
   *
   * @param logits {@code [prompt, token]}, or with axes of length 1 between; borrowed
   */
  float[] differences(List<ScoredPrompt> prompts, INDArray logits) {
    float[] differences = new float[prompts.size()];
    try (INDArray contiguous = logits.dup('c')) {
      double[] values = contiguous.data().asDouble();
      for (int i = 0; i < differences.length; i++) {
        int row = i * tokens.length;
        ScoredPrompt prompt = prompts.get(i);
        differences[i] =
            (float) (values[row + column(prompt.answer())] - values[row + column(prompt.wrong())]);
      }
    }
    return differences;
  }

  private int column(int token) {
    return columns.getOrDefault(token, -1);
  }
}
