package dev.headlamp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headlamp.weights.SafetensorsFile;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What Hugging Face's code computed on a checkpoint, as {@code docs/reference/hf_reference.py}
 * writes it: whole logits, hidden states and attentions, or some columns of the logits with the
 * argmax and logsumexp of all.
 */
record HuggingFaceReference(SafetensorsFile file) {

  /**
   * Returns whether the file holds what was computed in the precision {@code f32} or {@code f64}.
   */
  boolean has(String precision) {
    return file.has(precision + ".logits");
  }

  /**
   * Runs the model on the file's tokens, and compares.
   *
   * @param subject what the printed line calls the comparison
   * @param precision {@code f32} or {@code f64}
   */
  void compare(String subject, Gpt2 model, String precision, double tolerance) throws IOException {
    Differences differences = new Differences(subject);
    String prefix = precision + ".";
    TokenBatch tokens = References.tokens(file, "tokens");
    if (file.has("columns")) {
      addColumns(differences, model, tokens, prefix);
    } else {
      addEverything(differences, model, tokens, prefix);
    }
    differences.assertAtMost(tolerance);
  }

  private void addEverything(Differences differences, Gpt2 model, TokenBatch tokens, String prefix)
      throws IOException {
    RecordingTap recorded = RecordingTap.everything();
    INDArray logits = model.run(RunSpec.of(tokens).withTap(recorded)).logits();
    INDArray expected = file.read(prefix + "logits");
    differences.add("logits", expected, logits);
    assertThat(References.argmax(logits)).isEqualTo(References.argmax(expected));
    int nLayers = model.config().nLayers();
    for (int layer = 0; layer <= nLayers; layer++) {
      HookPoint point =
          layer == nLayers
              ? HookPoint.of(Activation.LN_FINAL_NORMALIZED)
              : HookPoint.of(Activation.RESID_PRE, layer);
      differences.add(
          "hidden state " + layer,
          file.read(prefix + "hidden_states." + layer),
          recorded.get(point));
    }
    for (int layer = 0; layer < nLayers; layer++) {
      differences.add(
          "attention " + layer,
          file.read(prefix + "attentions." + layer),
          recorded.get(HookPoint.of(Activation.PATTERN, layer)));
    }
  }

  private void addColumns(Differences differences, Gpt2 model, TokenBatch tokens, String prefix)
      throws IOException {
    INDArray expected = file.read(prefix + "logits");
    int first = tokens.length() - Math.toIntExact(expected.size(1));
    LogitSelection kept =
        LogitSelection.at(IntStream.range(first, tokens.length()).toArray())
            .tokens(toInts(file.readLongs("columns")));
    try (RunResult run = model.run(RunSpec.of(tokens).withLogits(kept))) {
      differences.add("kept logits", expected, run.logits());
    }
    try (RunResult run = model.run(RunSpec.of(tokens))) {
      assertThat(References.argmax(run.logits()))
          .isEqualTo(toInts(file.readLongs(prefix + "argmax")));
      differences.add(
          "logsumexp", doubles(file.read(prefix + "logsumexp")), logSumExp(run.logits()));
    }
  }

  private static double[] logSumExp(INDArray logits) {
    double[] sums = new double[Math.toIntExact(logits.size(0) * logits.size(1))];
    INDArray rows = logits.reshape('c', sums.length, logits.size(2));
    for (int i = 0; i < sums.length; i++) {
      double[] row = doubles(rows.slice(i));
      double max = Arrays.stream(row).max().orElseThrow();
      sums[i] = max + Math.log(Arrays.stream(row).map(x -> Math.exp(x - max)).sum());
    }
    return sums;
  }

  private static double[] doubles(INDArray values) {
    return values.dup('c').data().asDouble();
  }

  private static int[] toInts(long[] values) {
    return Arrays.stream(values).mapToInt(Math::toIntExact).toArray();
  }
}
