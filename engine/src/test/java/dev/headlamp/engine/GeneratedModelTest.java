package dev.headlamp.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.weights.SafetensorsFile;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.LongToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A model of GPT-2 small's size against Hugging Face's: width, depth and the whole context. */
class GeneratedModelTest {

  private static final double FLOAT_TOLERANCE = 1e-4;
  private static final double DOUBLE_TOLERANCE = 1e-9;

  @Test
  void theFormulaGivesTheWeightsThatItsDescriptionLists() {
    assertThat(GeneratedModel.hash("wte.weight")).isEqualTo(0x61d3a46d83bc4189L);
    assertElements("h.0.attn.c_attn.weight", 0.009509554, 0.011825195, 0.031303767, -0.054233085);
    assertElements("wte.weight", -0.021386292, -0.034403663, -0.011904391);
    assertElements("ln_f.weight", 4.8392763, 3.4721956);
  }

  @Test
  void theFormulaGivesTheTokensOfTheReference() throws IOException {
    try (SafetensorsFile reference = reference()) {
      assertTokens("short", reference.readLongs("short.tokens"));
      assertTokens("long", reference.readLongs("long.tokens"));
    }
  }

  @Test
  void shortAndWholeContextInFloat32AreHuggingFaces() throws IOException {
    try (SafetensorsFile reference = reference();
        Gpt2 model = GeneratedModel.of(DataType.FLOAT)) {
      compare(model, reference, "short", "short.f32.", FLOAT_TOLERANCE);
      compare(model, reference, "long", "long.f32.", FLOAT_TOLERANCE);
    }
  }

  @Test
  void aShortRunInFloat64IsHuggingFaces() throws IOException {
    try (SafetensorsFile reference = reference();
        Gpt2 model = GeneratedModel.of(DataType.DOUBLE)) {
      compare(model, reference, "short", "short.f64.", DOUBLE_TOLERANCE);
    }
  }

  /** Watched values go other ways than unwatched ones: products alone, scores kept, all keys. */
  @Test
  void lookingAtABlockChangesNoBit() {
    try (Gpt2 model = GeneratedModel.of(DataType.FLOAT)) {
      for (List<int[]> prompts :
          List.of(
              List.of(tokens(1)),
              List.of(tokens(16)),
              List.of(tokens(16), tokens(9), tokens(1)),
              List.of(tokens(65)),
              List.of(tokens(144)),
              List.of(tokens(200)),
              Collections.nCopies(98, tokens(30)))) {
        TokenBatch batch = TokenBatch.padded(prompts, TokenBatch.Padding.LEFT, 0);
        RunSpec plain = RunSpec.of(batch).stopAt(1);
        Tap watching = RecordingTap.only(watched(model));
        try (RunResult unwatched = model.run(plain);
            RunResult watched = model.run(plain.withTap(watching))) {
          String what = "%d prompts of %d tokens".formatted(batch.batch(), batch.length());
          Values.assertIdentical(what, unwatched.residual(), watched.residual());
        }
      }
    }
  }

  /** Returns the points of the first block but those that hold a model's width for every head. */
  private static HookPoint[] watched(Gpt2 model) {
    return HookPoint.all(model.config()).stream()
        .filter(point -> point.activation().perLayer() && point.layer() == 0)
        .filter(point -> !(point.activation().has(Dim.HEAD) && point.activation().has(Dim.D_MODEL)))
        .toArray(HookPoint[]::new);
  }

  private static int[] tokens(int count) {
    return IntStream.range(0, count).map(i -> (i * 7919) % 50257).toArray();
  }

  private static void compare(
      Gpt2 model, SafetensorsFile reference, String tokens, String prefix, double tolerance)
      throws IOException {
    int[] columns = ints(reference.readLongs("columns"));
    int[] prompt = ints(reference.readLongs(tokens + ".tokens"));
    INDArray expected = reference.read(prefix + "logits");
    int kept = Math.toIntExact(expected.size(0));
    int[] argmax = new int[prompt.length];
    double[] logSumExp = new double[prompt.length];
    double[] logits = new double[kept * columns.length];
    try (RunResult result = model.run(RunSpec.of(TokenBatch.of(prompt)))) {
      for (int pos = 0; pos < prompt.length; pos++) {
        double[] row = Values.of(result.logits().slice(0).slice(pos));
        argmax[pos] = argmax(row);
        logSumExp[pos] = logSumExp(row, row[argmax[pos]]);
        int line = pos - (prompt.length - kept);
        for (int i = 0; i < columns.length && line >= 0; i++) {
          logits[line * columns.length + i] = row[columns[i]];
        }
      }
    }
    assertThat(argmax).isEqualTo(ints(reference.readLongs(prefix + "argmax")));
    Differences differences = new Differences("gpt2-small-shaped " + prefix + model.dataType());
    differences.add("logits", Values.of(expected), logits);
    differences.add("logsumexp", Values.of(reference.read(prefix + "logsumexp")), logSumExp);
    differences.assertAtMost(tolerance);
  }

  private static int argmax(double[] row) {
    int best = 0;
    for (int i = 1; i < row.length; i++) {
      best = row[i] > row[best] ? i : best;
    }
    return best;
  }

  private static double logSumExp(double[] row, double max) {
    return max + Math.log(Arrays.stream(row).map(x -> Math.exp(x - max)).sum());
  }

  private static void assertElements(String name, double... expected) {
    LongToDoubleFunction elements = GeneratedModel.elements(name);
    for (int i = 0; i < expected.length; i++) {
      // The description lists eight digits.
      assertThat(elements.applyAsDouble(i))
          .as(name + " " + i)
          .isCloseTo(expected[i], withinPercentage(1e-5));
    }
  }

  private static void assertTokens(String name, long[] expected) {
    long hash = GeneratedModel.hash(name);
    for (int i = 0; i < expected.length; i++) {
      long token = Long.remainderUnsigned(GeneratedModel.bits(hash, i), 50257);
      assertThat(token).as(name + " " + i).isEqualTo(expected[i]);
    }
  }

  private static int[] ints(long[] values) {
    return Arrays.stream(values).mapToInt(Math::toIntExact).toArray();
  }

  private static SafetensorsFile reference() throws IOException {
    return SafetensorsFile.open(Fixtures.file("gpt2-small-shaped", "reference.safetensors"));
  }
}
