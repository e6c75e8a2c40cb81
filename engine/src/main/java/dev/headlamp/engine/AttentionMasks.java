package dev.headlamp.engine;

import java.util.HashMap;
import java.util.Map;

/** The attention masks of one run: one for each window length that its layers have. */
final class AttentionMasks {

  private final RunMemory memory;
  private final Gpt2Config config;
  private final RunSpec spec;
  private final Map<Integer, AttentionMask> byWindow = new HashMap<>();

  AttentionMasks(RunMemory memory, Gpt2Config config, RunSpec spec) {
    this.memory = memory;
    this.config = config;
    this.spec = spec;
  }

  AttentionMask of(int layer) {
    return byWindow.computeIfAbsent(
        config.attentionWindows().get(layer),
        window -> AttentionMask.of(memory, spec.tokens(), spec.keyValues(), window));
  }
}
