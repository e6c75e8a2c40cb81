package dev.headlamp.hooks.lens;

import static dev.headlamp.hooks.References.largestDifference;
import static dev.headlamp.hooks.References.values;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.RunSpec;
import dev.headlamp.engine.WeightProcessing;
import dev.headlamp.hooks.NextToken;
import dev.headlamp.hooks.Positions;
import dev.headlamp.hooks.report.LabelledArray;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;

class LogitLensTest {

  private static LensFixture tiny;

  @BeforeAll
  static void runTheModel() throws IOException {
    tiny = LensFixture.of("tiny", WeightProcessing.none());
  }

  @AfterAll
  static void close() {
    tiny.close();
  }

  private static LogitLens lens() {
    return LogitLens.of(tiny.stream().accumulated().withMid());
  }

  /** The final layer norm and unembedding of a run that starts behind the last block. */
  @Test
  void aStateGivesWhatAModelWithoutTheLaterBlocksComputes() {
    try (INDArray logits = lens().logits()) {
      List<String> labels = lens().labels();
      for (String point : List.of("resid_pre0", "resid_mid0", "resid_pre1", "resid_mid1")) {
        INDArray state = tiny.run().cache().get(point);
        RunSpec rest =
            RunSpec.of(LensFixture.TOKENS).startAt(tiny.model().config().nLayers(), state);
        HookPoint named = HookPoint.parse(point, tiny.model().config());
        String label =
            named.layer() + (named.activation() == Activation.RESID_PRE ? "_pre" : "_mid");
        try (INDArray expected = tiny.model().engine().run(rest).logits()) {
          INDArray actual = logits.slice(labels.indexOf(label));
          assertThat(largestDifference(values(expected), values(actual)))
              .as(label)
              .isLessThanOrEqualTo(1e-5);
        }
      }
      assertThat(largestDifference(values(tiny.run().logits()), values(logits.slice(4))))
          .isLessThanOrEqualTo(1e-5);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"odd-shapes-untied", "gpt-neo", "ioi-demo"})
  void theLastStateGivesTheLogitsOfTheRun(String name) throws IOException {
    for (WeightProcessing processing :
        List.of(WeightProcessing.none(), WeightProcessing.transformerLens())) {
      try (LensFixture fixture = LensFixture.of(name, processing);
          INDArray logits = LogitLens.of(fixture.stream().accumulated()).logits()) {
        INDArray last = logits.slice(fixture.model().config().nLayers());
        assertThat(largestDifference(values(fixture.run().logits()), values(last)))
            .isLessThanOrEqualTo(1e-4);
      }
    }
  }

  @Test
  void ownScaleGivesEachStateUnitVarianceAndTheCachedOneDividesAllByTheLast() throws IOException {
    try (LensFixture folded = LensFixture.of("tiny", WeightProcessing.transformerLens());
        ResidualStack plain = folded.stream().accumulated().stack();
        ResidualStack own = folded.stream().accumulated().layerNormed();
        ResidualStack cached = folded.stream().accumulated().layerNormed(LayerNormScale.CACHED)) {
      INDArray scales = folded.run().cache().get("ln_final.hook_scale");
      for (String label : plain.labels()) {
        double[] x = values(plain.get(label).slice(1).slice(2));
        double mean = Arrays.stream(x).average().orElseThrow();
        double variance =
            Arrays.stream(x).map(v -> (v - mean) * (v - mean)).average().orElseThrow();
        for (int i = 0; i < x.length; i++) {
          assertThat(own.get(label).getDouble(1, 2, i))
              .isCloseTo((x[i] - mean) / Math.sqrt(variance + 1e-5), within(1e-5));
          assertThat(cached.get(label).getDouble(1, 2, i))
              .isCloseTo((x[i] - mean) / scales.getDouble(1, 2, 0), within(1e-5));
        }
      }
    }
  }

  @Test
  void anEarlierReadersNormIsItsOwn() {
    ResidualStream stream = tiny.stream().readBy(ResidualReader.mlp(0));
    assertThat(stream.accumulated().labels()).containsExactly("0_pre", "0_mid");
    try (ResidualStack own = stream.accumulated().layerNormed();
        ResidualStack cached = stream.accumulated().layerNormed(LayerNormScale.CACHED)) {
      double[] read = values(tiny.run().cache().get("blocks.0.ln2.hook_normalized"));
      assertThat(largestDifference(read, values(own.get("0_mid")))).isLessThanOrEqualTo(1e-5);
      assertThat(largestDifference(read, values(cached.get("0_mid")))).isLessThanOrEqualTo(1e-5);
    }
  }

  @Test
  void logitsDifferencesProbabilitiesRanksAndTopTokensAreOfTheSameLogits() {
    int[] answers = {3, 40};
    int[] wrong = {11, 7};
    LogitLens lens = lens();
    LabelledArray logit = lens.logits(LogitTarget.logit(answers));
    LabelledArray difference = lens.logits(LogitTarget.difference(answers, wrong));
    LabelledArray logProbability = lens.logProbabilities(answers);
    LabelledArray rank = lens.ranks(answers);
    List<LogitLens.Prediction> top = lens.top(3);
    assertThat(logit.shape()).containsExactly(5, 2, 4);
    assertThat(top).hasSize(5 * 2 * 4);
    try (INDArray logits = lens.logits()) {
      for (int i = 0; i < top.size(); i++) {
        LogitLens.Prediction prediction = top.get(i);
        int state = i / 8;
        int prompt = prediction.prompt();
        int pos = prediction.pos();
        assertThat(prediction.label()).isEqualTo(lens.labels().get(state));
        assertThat((state * 2 + prompt) * 4 + pos).isEqualTo(i);
        NextToken next = NextToken.of(logits.slice(state), prompt, pos);
        int answer = answers[prompt];
        assertThat(logit.value(state, prompt, pos)).isCloseTo(next.logit(answer), within(1e-5));
        assertThat(difference.value(state, prompt, pos))
            .isCloseTo(next.logit(answer) - next.logit(wrong[prompt]), within(1e-5));
        assertThat(logProbability.value(state, prompt, pos))
            .isCloseTo(next.logProbability(answer), within(1e-9));
        assertThat(rank.value(state, prompt, pos)).isEqualTo(next.rank(answer));
        assertThat(prediction.top()).isEqualTo(next.top(3));
      }
    }
  }

  /**
   * One linear map for all states: the difference of two is the attribution of what lies between.
   */
  @Test
  void withTheCachedScaleTheLensMovesByWhatEachLayerIsAttributed() {
    LogitTarget target = LogitTarget.difference(new int[] {3, 40}, new int[] {11, 7});
    LabelledArray lens =
        LogitLens.of(tiny.stream().accumulated()).withScale(LayerNormScale.CACHED).logits(target);
    LabelledArray parts = tiny.stream().components().attribution(target).perPrompt();
    for (int layer = 0; layer < 2; layer++) {
      double written =
          parts.slice("component", layer + "_attn_out").value(1, 2)
              + parts.slice("component", layer + "_mlp_out").value(1, 2);
      assertThat(lens.value(layer + 1, 1, 2) - lens.value(layer, 1, 2))
          .isCloseTo(written, within(1e-5));
    }
  }

  @Test
  void chosenPositionsAreThoseOfTheWhole() {
    LogitTarget target = LogitTarget.logit(3);
    LabelledArray whole = tiny.stream().components().attribution(target).perPrompt();
    LabelledArray last =
        tiny.stream().at(Positions.last()).components().attribution(target).perPrompt();
    LabelledArray two =
        tiny.stream().at(Positions.of(2, 0)).components().attribution(target).perPrompt();
    assertThat(last.axis("position").labels()).containsExactly("selected 0");
    assertThat(two.axis("position").labels()).containsExactly("2", "0");
    for (int part = 0; part < 6; part++) {
      assertThat(last.value(part, 0, 0)).isEqualTo(whole.value(part, 0, 3));
      assertThat(last.value(part, 1, 0)).isEqualTo(whole.value(part, 1, 2));
      assertThat(two.value(part, 1, 0)).isEqualTo(whole.value(part, 1, 2));
      assertThat(two.value(part, 1, 1)).isEqualTo(whole.value(part, 1, 0));
    }
    assertThat(lens().top(1).get(0).pos()).isZero();
    assertThat(
            LogitLens.of(tiny.stream().at(Positions.last()).accumulated()).top(1).stream()
                .map(LogitLens.Prediction::pos))
        .containsExactly(3, 2, 3, 2, 3, 2);
  }
}
