package dev.headlamp.experiments.verify;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.Gpt2Weights;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.engine.WeightProcessing;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.Positions;
import dev.headlamp.tokenizer.Bos;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a head alone adds to the logit difference of some prompts, on average: its output at the
 * last position, less its mean, over the scale of the final layer norm, times the gain, times the
 * difference of two columns of the unembedding. Measured, as published, on weights processed as
 * TransformerLens does: the value biases count with the block's output bias and not with a head.
 */
record HeadAttributionCheck(List<AnsweredPrompt> prompts, Bos bos, HeadName head, Expectation mean)
    implements Check {

  @Override
  public String title() {
    return "direct logit attribution of %s, mean of %d prompts".formatted(head, prompts.size());
  }

  @Override
  public List<Finding> measure(HookedGpt2 model) {
    head.checkedFor(model.config());
    TokenBatch tokens = AnsweredPrompt.tokens(model, prompts, bos);
    int[] answers = AnsweredPrompt.answers(model, prompts);
    int[] wrongs = AnsweredPrompt.wrongs(model, prompts);
    double[] attributions;
    try (HookedGpt2 processed =
        HookedGpt2.of(model.engine().processed(WeightProcessing.transformerLens()))) {
      attributions = perPrompt(processed, tokens, answers, wrongs);
    }
    return List.of(
        new Finding.Measured(title(), mean, Arrays.stream(attributions).average().orElseThrow()));
  }

  /** Returns the attribution for each prompt, given the two tokens as ids. */
  double[] perPrompt(HookedGpt2 model, TokenBatch tokens, int[] answers, int[] wrongs) {
    HookPoint results = HookPoint.of(Activation.RESULT, head.layer());
    HookPoint scales = HookPoint.of(Activation.LN_FINAL_SCALE);
    CacheSpec atTheEnd = CacheSpec.of(results, scales).at(Positions.last());
    try (CachedRun run = model.runWithCache(tokens, atTheEnd)) {
      INDArray result = run.cache().get(results);
      INDArray scale = run.cache().get(scales);
      return IntStream.range(0, tokens.batch())
          .mapToDouble(
              prompt ->
                  attribution(
                          model.engine().weights(),
                          doubles(result.slice(prompt).slice(0).slice(head.head())),
                          answers[prompt],
                          wrongs[prompt])
                      / scale.getDouble(prompt, 0, 0))
          .toArray();
    }
  }

  private static double attribution(Gpt2Weights weights, double[] result, int answer, int wrong) {
    double mean = Arrays.stream(result).average().orElseThrow();
    double[] gain = doubles(weights.lnFinal().gain());
    double[] toAnswer = doubles(weights.unembedding().getRow(answer));
    double[] toWrong = doubles(weights.unembedding().getRow(wrong));
    return IntStream.range(0, result.length)
        .mapToDouble(i -> (result[i] - mean) * gain[i] * (toAnswer[i] - toWrong[i]))
        .sum();
  }

  private static double[] doubles(INDArray vector) {
    return vector.castTo(DataType.DOUBLE).toDoubleVector();
  }
}
