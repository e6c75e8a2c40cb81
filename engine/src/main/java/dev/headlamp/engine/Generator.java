package dev.headlamp.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Continues a batch of prompts token by token, with keys and values of the past kept. */
final class Generator {

  private final Gpt2 model;
  private final TokenBatch prompts;
  private final GenerationSpec spec;
  private final List<List<Integer>> added = new ArrayList<>();
  private final List<SplittableRandom> randoms = new ArrayList<>();

  Generator(Gpt2 model, TokenBatch prompts, GenerationSpec spec) {
    this.model = model;
    this.prompts = prompts;
    this.spec = spec;
    for (int prompt = 0; prompt < prompts.batch(); prompt++) {
      int total = prompts.promptLength(prompt) + spec.maxNewTokens();
      if (total > model.config().nCtx()) {
        throw new IllegalArgumentException(
            "prompt %d has %d tokens, and %d more exceed the context: %s sees at most %d"
                .formatted(
                    prompt,
                    prompts.promptLength(prompt),
                    spec.maxNewTokens(),
                    model.config().name(),
                    model.config().nCtx()));
      }
      added.add(new ArrayList<>());
      // A stream of its own for each prompt: what it gets does not depend on its neighbours.
      randoms.add(new SplittableRandom(spec.sampling().seed()));
    }
  }

  Generated run() {
    try (KeyValueCache past =
        model.newKeyValueCache(prompts.batch(), prompts.length() + spec.maxNewTokens())) {
      TokenBatch next = prompts;
      for (int step = 0; step < spec.maxNewTokens() && !allEnded(); step++) {
        try (RunResult result =
            model.run(
                RunSpec.of(next)
                    .withKeyValues(past)
                    .withLogits(LogitSelection.last())
                    .withTap(spec.taps().at(next, step)))) {
          next = choose(step, result.logits());
        }
      }
    }
    return new Generated(added);
  }

  /** Returns the next token of each prompt; one that has ended goes on with its last, unheard. */
  private TokenBatch choose(int step, INDArray logits) {
    int[][] next = new int[prompts.batch()][1];
    for (int prompt = 0; prompt < next.length; prompt++) {
      if (ended(prompt)) {
        next[prompt][0] = last(prompt);
        continue;
      }
      int token = spec.sampling().choose(row(logits, prompt), randoms.get(prompt));
      added.get(prompt).add(token);
      next[prompt][0] = token;
      spec.listener().onToken(prompt, step, token);
    }
    return TokenBatch.of(next);
  }

  private double[] row(INDArray logits, int prompt) {
    if (!(model.kernels() instanceof CpuKernels)) {
      return logits.slice(prompt).slice(0).dup().data().asDouble();
    }
    float[] floats = new float[Math.toIntExact(logits.size(2))];
    FloatRows.of(logits).get(prompt, floats);
    double[] row = new double[floats.length];
    for (int i = 0; i < row.length; i++) {
      row[i] = floats[i];
    }
    return row;
  }

  private boolean allEnded() {
    for (int prompt = 0; prompt < prompts.batch(); prompt++) {
      if (!ended(prompt)) {
        return false;
      }
    }
    return true;
  }

  private boolean ended(int prompt) {
    return !added.get(prompt).isEmpty() && spec.stopTokens().contains(last(prompt));
  }

  private int last(int prompt) {
    List<Integer> tokens = added.get(prompt);
    return tokens.get(tokens.size() - 1);
  }
}
