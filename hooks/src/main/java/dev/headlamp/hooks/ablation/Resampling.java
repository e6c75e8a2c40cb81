package dev.headlamp.hooks.ablation;

import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.Hook;
import dev.headlamp.hooks.HookContext;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Puts the values of other prompts; see {@link Ablations#resample}. */
record Resampling(ReferenceSet reference, long seed) implements Hook {

  @Override
  public INDArray apply(INDArray value, HookContext context) {
    ReferenceSet.requirePrompts(context);
    TokenBatch tokens = context.tokens();
    TokenBatch others = reference.tokens();
    INDArray values = reference.values(context.point());
    int width = Values.width(values);
    double[] from = Values.of(values);
    double[] whole = new double[tokens.batch() * tokens.length() * width];
    int[] donors = donors(tokens);
    for (int prompt = 0; prompt < donors.length; prompt++) {
      int first = donors[prompt] * others.length() + others.firstPos(donors[prompt]);
      System.arraycopy(
          from,
          first * width,
          whole,
          (prompt * tokens.length() + tokens.firstPos(prompt)) * width,
          tokens.promptLength(prompt) * width);
    }
    return Values.part(whole, Values.shapeFor(context, values), value.dataType(), context);
  }

  /** Returns for each prompt the reference prompt whose values it gets. */
  int[] donors(TokenBatch tokens) {
    SplittableRandom random = new SplittableRandom(seed);
    int[] donors = new int[tokens.batch()];
    for (int prompt = 0; prompt < donors.length; prompt++) {
      int[] candidates = candidates(tokens, prompt);
      donors[prompt] = candidates[random.nextInt(candidates.length)];
    }
    return donors;
  }

  private int[] candidates(TokenBatch tokens, int prompt) {
    int group = reference.groupOf(prompt, tokens);
    int[] own = tokens.prompt(prompt);
    TokenBatch others = reference.tokens();
    int[] candidates =
        IntStream.range(0, others.batch())
            .filter(other -> reference.group(other) == group)
            .filter(other -> others.promptLength(other) == own.length)
            .filter(other -> !Arrays.equals(others.prompt(other), own))
            .toArray();
    if (candidates.length == 0) {
      throw new IllegalArgumentException(
          "prompt %d has nothing to resample from: no other reference prompt of its group (%d) has %d tokens"
              .formatted(prompt, group, own.length));
    }
    return candidates;
  }
}
