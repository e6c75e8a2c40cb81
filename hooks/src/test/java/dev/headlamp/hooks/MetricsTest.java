package dev.headlamp.hooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.RunResult;
import dev.headlamp.engine.RunSpec;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.hooks.NextToken.Candidate;
import dev.headlamp.weights.SafetensorsFile;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Metrics of a float64 run against sums over the logits that Hugging Face gives in float64. */
class MetricsTest {

  private static final double TOLERANCE = 1e-9;

  private static HookedGpt2 model;
  private static TokenBatch tokens;
  private static INDArray logits;

  /** The logits at the last position of each prompt. */
  private static double[][] last;

  @BeforeAll
  static void load() throws IOException {
    model = HookedGpt2.load(Fixtures.model("tiny"), DataType.DOUBLE);
    try (SafetensorsFile reference =
        SafetensorsFile.open(Fixtures.file("tiny", "reference.safetensors"))) {
      tokens = References.tokens(reference, "tokens");
      logits = reference.read("f64.logits");
    }
    double[] all = References.values(logits);
    int width = model.config().dVocab();
    last = new double[tokens.batch()][];
    for (int prompt = 0; prompt < last.length; prompt++) {
      int end = (prompt + 1) * tokens.length() * width;
      last[prompt] = Arrays.copyOfRange(all, end - width, end);
    }
  }

  @AfterAll
  static void close() {
    model.close();
    logits.close();
  }

  private static double[] measured(Metric metric) {
    try (RunResult run = model.engine().run(RunSpec.of(tokens).withLogits(metric.reads()))) {
      return metric.perPrompt(run.logits(), tokens);
    }
  }

  private static int[] answers(int first) {
    int[] answers = new int[tokens.batch()];
    Arrays.setAll(answers, prompt -> first + 3 * prompt);
    return answers;
  }

  private static double probability(int prompt, int token) {
    double sum = Arrays.stream(last[prompt]).map(Math::exp).sum();
    return Math.exp(last[prompt][token]) / sum;
  }

  @Test
  void metricsOfEachPromptsOwnAnswers() {
    assertThat(tokens.batch()).isGreaterThan(1);
    int[] correct = answers(7);
    int[] wrong = answers(10);
    double[] difference = measured(Metrics.logitDifference(correct, wrong));
    double[] logit = measured(Metrics.logit(correct));
    double[] probability = measured(Metrics.probability(correct));
    double[] logProbability = measured(Metrics.logProbability(correct));
    double[] rank = measured(Metrics.rank(correct));
    for (int prompt = 0; prompt < tokens.batch(); prompt++) {
      double own = last[prompt][correct[prompt]];
      assertThat(difference[prompt])
          .isEqualTo(own - last[prompt][wrong[prompt]], within(TOLERANCE));
      assertThat(logit[prompt]).isEqualTo(own, within(TOLERANCE));
      double p = probability(prompt, correct[prompt]);
      assertThat(probability[prompt]).isEqualTo(p, within(TOLERANCE));
      assertThat(logProbability[prompt]).isEqualTo(Math.log(p), within(TOLERANCE));
      assertThat(rank[prompt])
          .isEqualTo((double) Arrays.stream(last[prompt]).filter(other -> other > own).count());
    }
  }

  @Test
  void oneAnswerServesAllPrompts() {
    double[] difference = measured(Metrics.logitDifference(answers(7), new int[] {50}));
    for (int prompt = 0; prompt < tokens.batch(); prompt++) {
      assertThat(difference[prompt])
          .isEqualTo(last[prompt][7 + 3 * prompt] - last[prompt][50], within(TOLERANCE));
    }
  }

  @Test
  void aNormalisedMetricIsZeroAndOneAtItsEnds() {
    Metric metric = Metrics.logit(7);
    double[] raw = measured(metric);
    double[] normalised = measured(Metrics.normalised(metric, 2, -3));
    for (int prompt = 0; prompt < raw.length; prompt++) {
      assertThat(normalised[prompt]).isEqualTo((raw[prompt] - 2) / -5, within(TOLERANCE));
    }
    assertThat(measured(Metrics.normalised(metric, raw[0], raw[0] + 1))[0]).isZero();
    assertThat(measured(Metrics.normalised(metric, raw[0] - 1, raw[0]))[0])
        .isEqualTo(1, within(TOLERANCE));
  }

  @Test
  void aMetricThatIsTheSameAtBothEndsCannotBeNormalised() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Metrics.normalised(Metrics.logit(7), 2.5, 2.5))
        .withMessage("cannot normalise logit: it is 2.5 at both ends");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Metrics.normalised(Metrics.logit(7), 2.5, Double.NaN));
  }

  @Test
  void answersForAnotherNumberOfPromptsAreRefused() {
    int[] tooMany = new int[tokens.batch() + 1];
    String message =
        "answers are given for %d prompts, the batch has %d"
            .formatted(tooMany.length, tokens.batch());
    for (Metric metric :
        List.of(
            Metrics.logitDifference(new int[] {1}, tooMany),
            Metrics.logit(tooMany),
            Metrics.probability(tooMany))) {
      assertThatIllegalArgumentException().isThrownBy(() -> measured(metric)).withMessage(message);
    }
  }

  @Test
  void anAnswerTheVocabularyHasNotIsRefused() {
    for (Metric metric : List.of(Metrics.logit(101), Metrics.probability(101), Metrics.rank(-1))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> measured(metric))
          .withMessageContaining("is out of range");
    }
  }

  @Test
  void theNextTokenIsWhatTheLogitsOfAPositionSay() {
    int pos = 4;
    NextToken next = NextToken.of(logits, 1, pos);
    double[] row = References.values(logits.slice(1).slice(pos));
    double sum = Arrays.stream(row).map(Math::exp).sum();
    List<Candidate> all = next.top(row.length + 5);
    assertThat(all).hasSize(row.length);
    double total = 0;
    for (int rank = 0; rank < row.length; rank++) {
      Candidate candidate = all.get(rank);
      double logit = row[candidate.token()];
      assertThat(candidate).isEqualTo(next.candidate(candidate.token()));
      assertThat(candidate.rank()).isEqualTo(rank);
      assertThat(candidate.logit()).isEqualTo(logit);
      assertThat(candidate.probability()).isEqualTo(Math.exp(logit) / sum, within(1e-12));
      assertThat(next.logProbability(candidate.token()))
          .isEqualTo(logit - Math.log(sum), within(1e-12));
      assertThat(logit).isLessThanOrEqualTo(all.get(Math.max(0, rank - 1)).logit());
      total += candidate.probability();
    }
    assertThat(total).isEqualTo(1, within(1e-12));
    assertThat(next.top(3)).containsExactlyElementsOf(all.subList(0, 3));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> next.logit(101))
        .withMessage("token id 101 is out of range: these logits have ids 0 to 100");
  }
}
