package dev.headlamp.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.TokenBatch.Padding;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.weights.SafetensorsFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** A padded prompt gets what it would get alone, at every point, on whichever side it is padded. */
class PaddingTest {

  @ParameterizedTest
  @EnumSource
  void everyPromptGetsHuggingFacesLogitsInFloat64(Padding side) throws IOException {
    compareWithHuggingFace(Tiny.DOUBLE, side, 1e-11);
  }

  @ParameterizedTest
  @EnumSource
  void everyPromptGetsHuggingFacesLogitsInFloat32(Padding side) throws IOException {
    compareWithHuggingFace(Tiny.FLOAT, side, 1e-5);
  }

  @ParameterizedTest
  @EnumSource
  void paddedQueriesAttendToNothingAndNothingIsNaN(Padding side) throws IOException {
    TokenBatch tokens = tokens(side);
    RecordingTap recorded = RecordingTap.everything();
    Tiny.FLOAT.run(RunSpec.of(tokens).withTap(recorded).detectingNan()).close();
    for (HookPoint point : recorded.points()) {
      assertThat(Values.of(recorded.get(point))).as(point.name()).doesNotContain(Double.NaN);
    }
    for (int layer = 0; layer < Tiny.CONFIG.nLayers(); layer++) {
      INDArray pattern = recorded.get(HookPoint.of(Activation.PATTERN, layer));
      for (int prompt = 0; prompt < tokens.batch(); prompt++) {
        for (int pos = 0; pos < tokens.length(); pos++) {
          double[] rows = Values.of(pattern.slice(prompt).slice(pos, 1));
          double sum = Arrays.stream(rows).sum();
          double expected = tokens.isToken(prompt, pos) ? Tiny.CONFIG.nHeads() : 0;
          assertThat(sum).isCloseTo(expected, within(1e-5));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyPointHoldsWhatItHoldsForThePromptAlone(Padding side) throws IOException {
    TokenBatch tokens = tokens(side);
    RecordingTap together = RecordingTap.everything();
    Tiny.DOUBLE.run(RunSpec.of(tokens).withTap(together)).close();
    Differences differences = new Differences("padded " + side + " against alone");
    for (int prompt = 0; prompt < tokens.batch(); prompt++) {
      RecordingTap alone = RecordingTap.everything();
      Tiny.DOUBLE.run(RunSpec.of(TokenBatch.of(tokens.prompt(prompt))).withTap(alone)).close();
      for (HookPoint point : alone.points()) {
        INDArray own = ofPrompt(point, together.get(point), tokens, prompt);
        differences.add(point + " of prompt " + prompt, alone.get(point), own);
      }
    }
    differences.assertAtMost(1e-11);
  }

  @ParameterizedTest
  @EnumSource
  void theIdThatFillsThePaddingHasNoInfluence(Padding side) throws IOException {
    TokenBatch zeros = tokens(side);
    List<int[]> prompts = List.of(zeros.prompt(0), zeros.prompt(1), zeros.prompt(2));
    TokenBatch others = TokenBatch.padded(prompts, side, 77);
    assertThat(others).isNotEqualTo(zeros);
    try (RunResult a = Tiny.FLOAT.run(RunSpec.of(zeros).withLogits(LogitSelection.last()));
        RunResult b = Tiny.FLOAT.run(RunSpec.of(others).withLogits(LogitSelection.last()))) {
      Values.assertIdentical("last logits", a.logits(), b.logits());
    }
  }

  private static void compareWithHuggingFace(Gpt2 model, Padding side, double tolerance)
      throws IOException {
    TokenBatch tokens = tokens(side);
    HookPoint out = HookPoint.of(Activation.UNEMBED_OUT);
    try (SafetensorsFile file = open(side);
        RunResult result = model.run(RunSpec.of(tokens))) {
      Differences differences = new Differences("padded " + side + " " + model.dataType());
      for (int prompt = 0; prompt < tokens.batch(); prompt++) {
        INDArray expected = file.read("f64.logits." + prompt);
        double largest = expected.amaxNumber().doubleValue();
        INDArray own = ofPrompt(out, result.logits(), tokens, prompt).reshape(expected.shape());
        differences.add(
            "prompt " + prompt,
            expected.div(largest),
            own.castTo(expected.dataType()).div(largest));
      }
      differences.assertAtMost(tolerance);
    }
  }

  private static TokenBatch tokens(Padding side) throws IOException {
    try (SafetensorsFile file = open(side)) {
      TokenBatch all = References.tokens(file, "tokens");
      long[] mask = file.readLongs("attention_mask");
      List<int[]> prompts = new ArrayList<>();
      for (int b = 0; b < all.batch(); b++) {
        int row = b;
        prompts.add(
            IntStream.range(0, all.length())
                .filter(pos -> mask[row * all.length() + pos] == 1)
                .map(pos -> all.id(row, pos))
                .toArray());
      }
      TokenBatch padded = TokenBatch.padded(prompts, side, 0);
      for (int i = 0; i < mask.length; i++) {
        int prompt = i / all.length();
        int pos = i % all.length();
        assertThat(padded.id(prompt, pos)).isEqualTo(all.id(prompt, pos));
        assertThat(padded.isToken(prompt, pos)).isEqualTo(mask[i] == 1);
      }
      return padded;
    }
  }

  private static SafetensorsFile open(Padding side) throws IOException {
    String name = side == Padding.LEFT ? "padding-left" : "padding-right";
    return SafetensorsFile.open(Fixtures.file("tiny", name + ".safetensors"));
  }

  /** Returns the part of a point's value that belongs to the tokens of one prompt. */
  private static INDArray ofPrompt(HookPoint point, INDArray value, TokenBatch tokens, int prompt) {
    INDArrayIndex[] part =
        point.activation().dims().stream()
            .map(
                dim ->
                    switch (dim) {
                      case BATCH -> NDArrayIndex.interval(prompt, prompt + 1);
                      case POS, DEST, SOURCE ->
                          NDArrayIndex.interval(
                              tokens.firstPos(prompt), tokens.lastPos(prompt) + 1);
                      default -> NDArrayIndex.all();
                    })
            .toArray(INDArrayIndex[]::new);
    return value.get(part).dup('c');
  }
}
