package dev.headlamp.hooks.lens;

import static dev.headlamp.hooks.References.largestDifference;
import static dev.headlamp.hooks.References.values;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.Gpt2Weights;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.LayerNormWeights;
import dev.headlamp.engine.WeightProcessing;
import dev.headlamp.engine.WeightProcessing.Step;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.HookRegistry;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.report.LabelledArray;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The parts are of the whole: whatever is taken apart sums to what the run held. */
class ResidualSumsTest {

  private static final double LIMIT = 1e-4;

  static Stream<Arguments> models() {
    return Stream.of("tiny", "odd-shapes-untied", "stanford-style", "gpt-neo", "ioi-demo")
        .flatMap(
            name ->
                Stream.of(
                        WeightProcessing.none(),
                        WeightProcessing.transformerLens(),
                        WeightProcessing.course())
                    .map(processing -> Arguments.of(name, processing)));
  }

  @ParameterizedTest
  @MethodSource("models")
  void partsSumToTheStreamAndThroughTheLayerNormToWhatIsRead(
      String name, WeightProcessing processing) throws IOException {
    try (LensFixture fixture = LensFixture.of(name, processing)) {
      Map<ResidualReader, HookPoint> normalized =
          Map.of(
              ResidualReader.attention(1), HookPoint.of(Activation.LN1_NORMALIZED, 1),
              ResidualReader.mlp(1), HookPoint.of(Activation.LN2_NORMALIZED, 1),
              ResidualReader.unembedding(), HookPoint.of(Activation.LN_FINAL_NORMALIZED));
      normalized.forEach(
          (reader, point) -> {
            ResidualStream stream = fixture.stream().readBy(reader);
            INDArray whole = fixture.run().cache().get(stream.point());
            INDArray read = fixture.run().cache().get(point);
            for (ResidualDecomposition parts : complete(stream)) {
              try (ResidualStack stack = parts.stack();
                  ResidualStack normed = parts.layerNormed()) {
                assertClose(whole, stack.values().sum(0));
                assertClose(read, normed.values().sum(0).addi(bias(fixture.model(), reader)));
              }
            }
          });
    }
  }

  private static List<ResidualDecomposition> complete(ResidualStream stream) {
    return List.of(
        stream.components(),
        stream.headsAndMlps(),
        stream.full(),
        stream.heads().withRemainder(),
        stream.neurons(0).withRemainder());
  }

  /** Returns the bias of a reader's layer norm, for each row of TOKENS: {@code [2, 4, d_model]}. */
  private static INDArray bias(HookedGpt2 model, ResidualReader reader) {
    Gpt2Weights weights = model.engine().weights();
    LayerNormWeights norm = reader.norm(weights);
    return norm.bias().reshape(1, 1, norm.bias().length()).broadcast(2, 4, norm.bias().length());
  }

  @ParameterizedTest
  @MethodSource("models")
  void attributionsSumToTheLogitAndToTheLogitDifference(String name, WeightProcessing processing)
      throws IOException {
    int[] correct = {3, 40};
    int[] wrong = {11, 7};
    try (LensFixture fixture = LensFixture.of(name, processing)) {
      INDArray logits = fixture.run().logits();
      double worst = 0;
      for (ResidualDecomposition parts : complete(fixture.stream())) {
        LabelledArray logit = parts.attribution(LogitTarget.logit(correct)).total();
        LabelledArray difference =
            parts.attribution(LogitTarget.difference(correct, wrong)).total();
        for (int prompt = 0; prompt < 2; prompt++) {
          for (int pos = 0; pos < 4; pos++) {
            double expected = logits.getDouble(prompt, pos, correct[prompt]);
            double other = logits.getDouble(prompt, pos, wrong[prompt]);
            worst = Math.max(worst, Math.abs(logit.value(prompt, pos) - expected));
            worst = Math.max(worst, Math.abs(difference.value(prompt, pos) - (expected - other)));
          }
        }
      }
      System.out.printf(
          "%s (%s): sums of attributions, largest difference %.2e%n", name, processing, worst);
      assertThat(worst).isLessThanOrEqualTo(LIMIT);
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void anAttributionIsWhatTheNormedPartHasAlongTheUnembedding(
      String name, WeightProcessing processing) throws IOException {
    int[] answers = {3, 40};
    try (LensFixture fixture = LensFixture.of(name, processing);
        ResidualStack normed = fixture.stream().full().layerNormed()) {
      LabelledArray attribution =
          fixture.stream().full().attribution(LogitTarget.logit(answers)).perPrompt();
      for (int prompt = 0; prompt < 2; prompt++) {
        INDArray column = fixture.model().engine().weights().unembedding().getRow(answers[prompt]);
        for (String label : List.of("L0H1", "L1N5", "embed", "pos_embed", "bias")) {
          INDArray part = normed.get(label).slice(prompt).slice(2);
          assertThat(attribution.slice("component", label).value(prompt, 2))
              .as(label)
              .isCloseTo(part.mul(column).sumNumber().doubleValue(), within(LIMIT));
        }
      }
    }
  }

  /** As docs/residual-stream.md says. */
  @ParameterizedTest
  @ValueSource(strings = {"tiny", "odd-shapes-untied", "ioi-demo"})
  void foldingAndCentringLeaveAttributionsOfDifferencesAsTheyAre(String name) throws IOException {
    LogitTarget difference = LogitTarget.difference(new int[] {3, 40}, new int[] {11, 7});
    WeightProcessing folded =
        WeightProcessing.of(Step.FOLD_LN, Step.CENTER_WRITING_WEIGHTS, Step.CENTER_UNEMBED);
    try (LensFixture raw = LensFixture.of(name, WeightProcessing.none());
        LensFixture processed = LensFixture.of(name, folded)) {
      LogitAttribution expected = raw.stream().headsAndMlps().attribution(difference);
      LogitAttribution actual = processed.stream().headsAndMlps().attribution(difference);
      assertThat(largestDifference(expected.perPrompt().values(), actual.perPrompt().values()))
          .isLessThanOrEqualTo(LIMIT);
      assertThat(largestDifference(expected.bias().values(), actual.bias().values()))
          .isLessThanOrEqualTo(LIMIT);
    }
  }

  @Test
  void whatAHookWritesIntoTheStreamIsInTheRemainder() throws IOException {
    try (LensFixture fixture = LensFixture.of("tiny", WeightProcessing.none());
        HookRegistry hooks = fixture.model().newHooks()) {
      hooks.add("resid_pre1", (value, context) -> value.add(0.5));
      try (CachedRun run =
              fixture.model().runWithCache(LensFixture.TOKENS, CacheSpec.defaults(), hooks);
          ResidualStack parts =
              ResidualStream.of(fixture.model(), run.cache())
                  .components()
                  .withRemainder()
                  .stack()) {
        assertThat(parts.labels()).last().isEqualTo("remainder");
        for (double value : values(parts.get("remainder"))) {
          assertThat(value).isCloseTo(0.5, within(1e-5));
        }
      }
    }
  }

  /** Of values beyond 10 the difference is a share of the largest. */
  private static void assertClose(INDArray expected, INDArray actual) {
    double[] values = values(expected);
    double largest = Arrays.stream(values).map(Math::abs).max().orElseThrow();
    assertThat(largestDifference(values, values(actual)))
        .isLessThanOrEqualTo(LIMIT * Math.max(1, largest / 10));
  }
}
