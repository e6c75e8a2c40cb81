package dev.headlamp.hooks.gradients;

import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.ActivationPatching.Direction;
import dev.headlamp.hooks.DifferentiableMetric;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.PositionLabels;
import dev.headlamp.hooks.PromptPairs;
import java.util.List;
import java.util.Objects;

/** What a patching experiment is made of: which values would go where, and what is measured. */
record PatchedPrompts(
    HookedGpt2 model,
    Direction direction,
    TokenBatch clean,
    TokenBatch corrupted,
    DifferentiableMetric metric) {

  PatchedPrompts {
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(metric, "metric");
    PromptPairs.checkAligned("clean", clean, "corrupted", corrupted);
  }

  /** Returns the prompts whose values would be patched in. */
  TokenBatch source() {
    return direction == Direction.DENOISING ? clean : corrupted;
  }

  /** Returns the prompts into whose run they would be patched. */
  TokenBatch target() {
    return direction == Direction.DENOISING ? corrupted : clean;
  }

  Gpt2Config config() {
    return model.config();
  }

  List<String> positionLabels() {
    return PositionLabels.of(model, clean);
  }
}
