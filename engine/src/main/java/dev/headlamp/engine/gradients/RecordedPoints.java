package dev.headlamp.engine.gradients;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.engine.HookPoint;
import java.util.Set;

/**
 * The points of a forward run whose values the backward pass reads.
 *
 * @param firstLayer the first block that gradients are carried through
 * @param lastLayer the model's last block
 * @param wanted where gradients are asked for
 */
record RecordedPoints(int firstLayer, int lastLayer, Set<HookPoint> wanted) {

  static RecordedPoints of(Gpt2Config config, Set<HookPoint> wanted) {
    return new RecordedPoints(firstLayer(config, wanted), config.nLayers() - 1, wanted);
  }

  /** Returns the first block that gradients are carried through; the number of blocks for none. */
  static int firstLayer(Gpt2Config config, Set<HookPoint> wanted) {
    return wanted.stream().mapToInt(point -> firstLayer(config, point)).min().orElseThrow();
  }

  private static int firstLayer(Gpt2Config config, HookPoint point) {
    return switch (point.activation()) {
      case EMBED, POS_EMBED -> 0;
      case LN_FINAL_SCALE, LN_FINAL_NORMALIZED, UNEMBED_IN, UNEMBED_OUT -> config.nLayers();
      default -> point.layer();
    };
  }

  boolean includes(HookPoint point) {
    return switch (point.activation()) {
      case RESID_PRE, LN1_SCALE, Q, K, V, PATTERN, MLP_IN, LN2_SCALE, MLP_PRE ->
          point.layer() >= firstLayer;
      case Q_INPUT, K_INPUT, V_INPUT ->
          wanted.contains(point)
              || wanted.contains(HookPoint.of(Activation.ATTN_IN, point.layer()));
      case RESID_POST -> point.layer() == lastLayer;
      // The scale of the final layer norm is computed again, unless it is replaced: a run of which
      // it is recorded would compute every logit.
      default -> false;
    };
  }
}
