package dev.headlamp.hooks.heads;

import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.hooks.ActivationCache;
import dev.headlamp.hooks.Positions;
import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.Arrays;
import java.util.List;

/** How much each head attends from some positions to others, in each prompt its own. */
public final class AttentionBetween {

  private AttentionBetween() {}

  /**
   * Returns the attention of each head in each prompt, {@code [layer, head, prompt]}, from 0 to 1:
   * the sum over the sources, and the mean over the destinations.
   *
   * @param cache every layer's patterns, at the destinations at least
   * @param from destinations, where attention goes to work
   * @param to sources, what is attended to; one that is named twice counts once
   * @throws IllegalArgumentException if the cache holds less, or a position lies outside the batch
   */
  public static LabelledArray of(ActivationCache cache, Positions from, Positions to) {
    Gpt2Config config = cache.config();
    int[][] dests = cache.entries(from);
    int[][] sources =
        Arrays.stream(to.resolve(cache.tokens()))
            .map(row -> Arrays.stream(row).distinct().toArray())
            .toArray(int[][]::new);
    int batch = cache.tokens().batch();
    double[] values = new double[config.nLayers() * config.nHeads() * batch];
    int next = 0;
    for (int layer = 0; layer < config.nLayers(); layer++) {
      Patterns patterns = Patterns.of(cache, layer);
      for (int head = 0; head < config.nHeads(); head++) {
        for (int prompt = 0; prompt < batch; prompt++) {
          values[next++] = between(patterns, prompt, head, dests[prompt], sources[prompt]);
        }
      }
    }
    List<Axis> axes =
        List.of(
            Axis.numbered("layer", config.nLayers()),
            Axis.numbered("head", config.nHeads()),
            Axis.numbered("prompt", batch));
    return LabelledArray.of("attention between positions", "attention", axes, values);
  }

  private static double between(
      Patterns patterns, int prompt, int head, int[] dests, int[] sources) {
    return Arrays.stream(dests)
        .mapToDouble(
            dest ->
                Arrays.stream(sources)
                    .mapToDouble(source -> patterns.value(prompt, head, dest, source))
                    .sum())
        .average()
        .orElseThrow();
  }
}
