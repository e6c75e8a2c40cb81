package dev.headlamp.experiments.ioi.scores;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.experiments.ioi.IoiDataset;
import dev.headlamp.experiments.ioi.IoiPrompt;
import dev.headlamp.experiments.ioi.IoiVocabulary;
import dev.headlamp.experiments.ioi.IoiWords;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.NextToken;
import dev.headlamp.hooks.SweepMonitor;
import dev.headlamp.hooks.metrics.Bootstrap;
import dev.headlamp.hooks.metrics.ConfidenceInterval;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

class IoiScoresTest {

  private static HookedGpt2 model;
  private static IoiDataset ioi;
  private static IoiScores scores;

  @BeforeAll
  static void measure() throws Exception {
    model = HookedGpt2.load(Fixtures.model("ioi-demo"));
    ioi = IoiDataset.draw(IoiVocabulary.of(IoiWords.published(), model.tokenizer()), 60, 1);
    scores = IoiScores.measure(model, ioi, 7, SweepMonitor.NONE);
  }

  @AfterAll
  static void close() {
    model.close();
  }

  @Test
  void everyPromptGetsWhatItGetsAlone() {
    for (int i = 0; i < ioi.size(); i++) {
      IoiPrompt prompt = ioi.prompts().get(i);
      try (INDArray logits = model.run(model.toTokens(prompt.text()))) {
        NextToken next = NextToken.of(logits, 0, (int) logits.size(1) - 1);
        int io = model.tokenizer().toSingleToken(" " + prompt.indirectObject());
        int subject = model.tokenizer().toSingleToken(" " + prompt.subject1());
        assertThat(scores.logitDifferences()[i])
            .isCloseTo(next.logit(io) - next.logit(subject), within(1e-4));
        assertThat(scores.probabilities()[i]).isCloseTo(next.probability(io), within(1e-5));
      }
    }
  }

  @Test
  void meansAreThoseOfThePrompts() {
    double[] differences = scores.logitDifferences();
    ConfidenceInterval mean = scores.mean(IoiQuantity.LOGIT_DIFFERENCE, Bootstrap.seeded(1));
    assertThat(mean.estimate())
        .isCloseTo(Arrays.stream(differences).average().orElseThrow(), within(1e-12));
    assertThat(mean.contains(mean.estimate())).isTrue();
    assertThat(scores.mean(IoiQuantity.IO_ABOVE_S, Bootstrap.seeded(1)).estimate())
        .isEqualTo(Arrays.stream(differences).filter(d -> d > 0).count() / 60.0);
  }

  @Test
  void theMeansOfGroupsWeightedByTheirSizesAreTheMeanOfAll() {
    List<String> numbers = IntStream.rangeClosed(1, 15).mapToObj(Integer::toString).toList();
    LabelledArray means =
        scores.meanBy(
            "template",
            numbers,
            prompt -> "" + prompt.template().number(),
            IoiQuantity.IO_PROBABILITY);
    double sum = 0;
    for (int template = 1; template <= 15; template++) {
      int number = template;
      long size = Arrays.stream(ioi.groups()).filter(group -> group == number).count();
      sum += size == 0 ? 0 : size * means.value(template - 1);
    }
    assertThat(sum / 60)
        .isCloseTo(Arrays.stream(scores.probabilities()).average().orElseThrow(), within(1e-9));
  }

  @Test
  void aGroupWithoutPromptsIsAbsent() {
    LabelledArray means =
        scores.meanBy("place", List.of("moon"), IoiPrompt::place, IoiQuantity.LOGIT_DIFFERENCE);
    assertThat(means.isAbsent(0)).isTrue();
  }

  @Test
  void whatWasDoneBeforeACancellationIsKept() {
    SweepMonitor afterTwoBatches =
        new SweepMonitor() {
          private long done;

          @Override
          public void onProgress(long done, long total) {
            this.done = done;
          }

          @Override
          public boolean isCancelled() {
            return done >= 14;
          }
        };
    IoiScores some = IoiScores.measure(model, ioi, 7, afterTwoBatches);
    assertThat(some.measured()).isEqualTo(14);
    for (int i = 0; i < ioi.size(); i++) {
      double value = some.logitDifferences()[i];
      if (!Double.isNaN(value)) {
        assertThat(value).isCloseTo(scores.logitDifferences()[i], within(1e-4));
      }
    }
  }

  @Test
  void anEmptyBatchIsRefused() {
    assertThatThrownBy(() -> IoiScores.measure(model, ioi, 0, SweepMonitor.NONE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the batch (0) must be positive");
  }
}
