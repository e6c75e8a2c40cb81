package dev.headlamp.engine;

import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Refuses what a model cannot run, before anything is computed. */
final class RunSpecCheck {

  private RunSpecCheck() {}

  /**
   * Checks a run against a model.
   *
   * @throws IllegalArgumentException if the run does not fit the model; the message names the value
   *     and the rule
   */
  static void check(RunSpec spec, Gpt2Config config, DataType type) {
    checkTokens(spec, config);
    checkLayers(spec, config, type);
    if (spec.keyValues() != null) {
      spec.keyValues().checkFor(spec, config, type);
    }
    LogitSelection logits = spec.logits();
    if (logits != null) {
      logits.positions(spec.tokens());
      int[] tokens = logits.tokenIds();
      if (tokens != null) {
        Arrays.stream(tokens).forEach(config::checkToken);
      }
    }
  }

  /** Checks prompts, and tokens whose logits are wanted, of a run that takes them as they are. */
  static void checkPrompts(List<int[]> prompts, int[] tokens, Gpt2Config config) {
    if (prompts.isEmpty() || tokens.length == 0) {
      throw new IllegalArgumentException(
          "a run needs prompts and tokens: there are %d and %d"
              .formatted(prompts.size(), tokens.length));
    }
    Arrays.stream(tokens).forEach(config::checkToken);
    for (int i = 0; i < prompts.size(); i++) {
      int length = prompts.get(i).length;
      if (length == 0 || length > config.nCtx()) {
        throw new IllegalArgumentException(
            "prompt %d has %d tokens: %s sees 1 to %d"
                .formatted(i, length, config.name(), config.nCtx()));
      }
      Arrays.stream(prompts.get(i)).forEach(config::checkToken);
    }
  }

  private static void checkTokens(RunSpec spec, Gpt2Config config) {
    TokenBatch tokens = spec.tokens();
    KeyValueCache past = spec.keyValues();
    if (past != null) {
      past.checkRoomFor(tokens);
    }
    for (int b = 0; b < tokens.batch(); b++) {
      int before = past == null ? 0 : past.tokenCount(b);
      if (before + tokens.promptLength(b) > config.nCtx()) {
        throw new IllegalArgumentException(
            "prompt %d has %d tokens: %s sees at most %d"
                .formatted(b, before + tokens.promptLength(b), config.name(), config.nCtx()));
      }
      for (int pos = 0; pos < tokens.length(); pos++) {
        config.checkToken(tokens.id(b, pos));
      }
    }
  }

  private static void checkLayers(RunSpec spec, Gpt2Config config, DataType type) {
    if (spec.startLayer() < 0 || spec.startLayer() > config.nLayers()) {
      throw new IllegalArgumentException("cannot start: " + config.layerRule(spec.startLayer()));
    }
    boolean runsAll = spec.stopLayer() == RunSpec.ALL_LAYERS;
    if (!runsAll && (spec.stopLayer() < 0 || spec.stopLayer() > config.nLayers())) {
      throw new IllegalArgumentException("cannot stop: " + config.layerRule(spec.stopLayer()));
    }
    if (spec.stopLayer() < spec.startLayer()) {
      throw new IllegalArgumentException(
          "cannot stop at layer %d after starting at layer %d"
              .formatted(spec.stopLayer(), spec.startLayer()));
    }
    INDArray residual = spec.startResidual();
    if (residual == null) {
      if (spec.startLayer() != 0) {
        throw new IllegalArgumentException(
            "a run that starts at layer " + spec.startLayer() + " needs a residual stream");
      }
      return;
    }
    if (residual.wasClosed()) {
      throw new IllegalArgumentException("the residual stream to start from is closed");
    }
    long[] expected = {spec.tokens().batch(), spec.tokens().length(), config.dModel()};
    if (!Arrays.equals(residual.shape(), expected) || residual.dataType() != type) {
      throw new IllegalArgumentException(
          "the residual stream to start from must be %s %s, not %s %s"
              .formatted(
                  type,
                  Arrays.toString(expected),
                  residual.dataType(),
                  Arrays.toString(residual.shape())));
    }
  }
}
