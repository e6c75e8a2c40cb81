package dev.headlamp.experiments.enumeration;

import dev.headlamp.engine.Gpt2;
import dev.headlamp.engine.LogitSelection;
import dev.headlamp.engine.RunResult;
import dev.headlamp.engine.RunSpec;
import dev.headlamp.engine.TokenBatch;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Runs every prompt whole, a batch at a time; of the unembedding only the last positions and the
 * tokens asked for are computed.
 */
record BatchedScorer(Gpt2 model) implements PromptScorer {

  private static final int BATCH = 256;

  @Override
  public float[] score(List<ScoredPrompt> prompts) {
    float[] differences = new float[prompts.size()];
    for (int from = 0; from < prompts.size(); from += BATCH) {
      List<ScoredPrompt> batch = prompts.subList(from, Math.min(prompts.size(), from + BATCH));
      float[] scored = scoreBatch(batch);
      System.arraycopy(scored, 0, differences, from, scored.length);
    }
    return differences;
  }

  private float[] scoreBatch(List<ScoredPrompt> batch) {
    int[] answers =
        batch.stream().flatMapToInt(p -> IntStream.of(p.answer(), p.wrong())).distinct().toArray();
    Map<Integer, Integer> columns = new HashMap<>();
    for (int column = 0; column < answers.length; column++) {
      columns.put(answers[column], column);
    }
    TokenBatch tokens =
        TokenBatch.of(batch.stream().map(ScoredPrompt::tokens).toArray(int[][]::new));
    RunSpec run = RunSpec.of(tokens).withLogits(LogitSelection.last().tokens(answers));
    float[] differences = new float[batch.size()];
    try (RunResult result = model.run(run);
        INDArray logits = result.logits().dup('c')) {
      double[] values = logits.data().asDouble();
      for (int i = 0; i < differences.length; i++) {
        int row = i * answers.length;
        double answer = values[row + columns.getOrDefault(batch.get(i).answer(), 0)];
        double wrong = values[row + columns.getOrDefault(batch.get(i).wrong(), 0)];
        differences[i] = (float) (answer - wrong);
      }
    }
    return differences;
  }

  @Override
  public long work(List<ScoredPrompt> prompts) {
    return prompts.stream().mapToLong(prompt -> prompt.tokens().length).sum();
  }
}
