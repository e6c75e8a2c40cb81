package dev.headlamp.experiments.course;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.RunSpec;
import dev.headlamp.engine.WeightProcessing;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.Metric;
import dev.headlamp.hooks.SweepMonitor;
import dev.headlamp.hooks.report.LabelledArray;
import dev.headlamp.tokenizer.Bos;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The chapter on the demo model: what has to hold whatever the model. */
class CourseTest {

  private static final double TOLERANCE = 1e-3;

  private static HookedGpt2 model;
  private static HookedGpt2 processed;
  private static CourseTask task;

  @BeforeAll
  static void load() throws IOException {
    model = HookedGpt2.load(Fixtures.model("ioi-demo"));
    processed = model.processed(WeightProcessing.course());
    task = CourseTask.of(processed, CoursePrompt.published(), Bos.PREPEND);
  }

  @AfterAll
  static void close() {
    processed.close();
    model.close();
  }

  private static double mean(HookedGpt2 of) {
    Metric metric = task.logitDifference(of);
    try (INDArray logits =
        of.engine().run(RunSpec.of(task.clean()).withLogits(metric.reads())).logits()) {
      return metric.mean(logits, task.clean());
    }
  }

  @Test
  void thePromptsAreThoseOfTheChapter() {
    assertThat(CoursePrompt.published())
        .containsExactly(
            new CoursePrompt(
                "When John and Mary went to the shops, John gave the bag to", " Mary", " John"),
            new CoursePrompt(
                "When John and Mary went to the shops, Mary gave the bag to", " John", " Mary"),
            new CoursePrompt(
                "When Tom and James went to the park, James gave the ball to", " Tom", " James"),
            new CoursePrompt(
                "When Tom and James went to the park, Tom gave the ball to", " James", " Tom"),
            new CoursePrompt(
                "When Dan and Sid went to the shops, Sid gave an apple to", " Dan", " Sid"),
            new CoursePrompt(
                "When Dan and Sid went to the shops, Dan gave an apple to", " Sid", " Dan"),
            new CoursePrompt(
                "After Martin and Amy went to the park, Amy gave a drink to", " Martin", " Amy"),
            new CoursePrompt(
                "After Martin and Amy went to the park, Martin gave a drink to",
                " Amy",
                " Martin"));
  }

  @Test
  void aCorruptedPromptIsTheOtherOfItsPair() {
    for (int i = 0; i < 8; i++) {
      assertThat(task.corrupted().prompt(i)).isEqualTo(task.clean().prompt(i ^ 1));
    }
    assertThat(task.correct(model)[0]).isEqualTo(model.tokenizer().toSingleToken(" Mary"));
    assertThat(task.incorrect(model)[0]).isEqualTo(model.tokenizer().toSingleToken(" John"));
  }

  @Test
  void attributionSumsToTheLogitDifference() {
    CourseAttribution attribution = CourseAttribution.of(processed, task);
    double expected = mean(model);
    LabelledArray accumulated = attribution.accumulated();

    // fold_ln leaves no bias of the final layer norm that would belong to no part.
    assertThat(attribution.byLayer().stream().sum()).isCloseTo(expected, within(TOLERANCE));
    assertThat(accumulated.value(accumulated.size() - 1)).isCloseTo(expected, within(TOLERANCE));
    // What the attention of layer 2 wrote is the step from 2_pre to 2_mid.
    double step =
        accumulated.slice("component", "2_mid").values()[0]
            - accumulated.slice("component", "2_pre").values()[0];
    assertThat(attribution.byLayer().slice("component", "2_attn_out").values()[0])
        .isCloseTo(step, within(TOLERANCE));
  }

  @Test
  void theHeadsFoundAreTheExtremesOfTheAttribution() {
    CourseAttribution attribution = CourseAttribution.of(processed, task);
    List<FoundHead> found = FoundHead.strongest(attribution, 2);

    assertThat(found).hasSize(4);
    assertThat(found.get(0).attribution()).isEqualTo(attribution.byHead().max().orElseThrow());
    assertThat(found.get(2).attribution()).isEqualTo(attribution.byHead().min().orElseThrow());
    assertThat(attribution.byHead().value(found.get(3).layer(), found.get(3).head()))
        .isEqualTo(found.get(3).attribution());
  }

  @Test
  void attentionToAWordIsWhatThePatternHoldsThere() {
    CourseTask first =
        CourseTask.of(processed, CoursePrompt.published().subList(0, 2), Bos.PREPEND);
    CourseAttribution attribution = CourseAttribution.of(processed, first);
    FoundHead found = FoundHead.strongest(attribution, 1).get(0);
    double sum = 0;
    for (int prompt = 0; prompt < 2; prompt++) {
      LabelledArray patterns =
          CourseAttention.inFirst(processed, first.clean().prompts(prompt, prompt + 1)).array();
      int end = first.clean().lastPos(prompt);
      int s2 = first.subject2(processed).resolve(first.clean())[prompt][0];
      sum += patterns.value(found.layer(), found.head(), end, s2);
    }
    assertThat(found.toS2()).isCloseTo(sum / 2, within(TOLERANCE));
  }

  @Test
  void patchingRunsFromTheCorruptedToTheCleanDifference() {
    // Of one pair clean and corrupted are the same two prompts with their answers swapped.
    CourseTask pair = CourseTask.of(processed, CoursePrompt.published().subList(0, 2), Bos.PREPEND);
    CoursePatching patching = CoursePatching.run(processed, pair, SweepMonitor.NONE);

    assertThat(patching.corrupted()).isCloseTo(-patching.clean(), within(TOLERANCE));
    // The prompts differ at S2 alone: the stream there, before any layer, is all there is.
    int s2 = pair.subject2(processed).resolve(pair.clean())[0][0];
    assertThat(patching.blocks().value(0, 0, s2)).isCloseTo(patching.clean(), within(TOLERANCE));
    assertThat(patching.blocks().value(0, 0, s2 - 1))
        .isCloseTo(patching.corrupted(), within(TOLERANCE));
    assertThat(patching.heads().axis("activation").labels())
        .containsExactly("z", "q", "k", "v", "pattern");
  }

  @Test
  void afterRefactoringColumnsAreOrthogonalAndEquallyLong() {
    HeadFactors raw = HeadFactors.of(model, 0, 0);
    HeadFactors refactored = HeadFactors.of(processed, 0, 0);

    assertThat(refactored.largestNormDifference()).isLessThan(1e-4);
    assertThat(refactored.largestDotProduct()).isLessThan(1e-4);
    assertThat(raw.largestNormDifference()).isGreaterThan(1e-2);
    assertThat(raw.largestDotProduct()).isGreaterThan(1e-2);
    double[] diagonal = new double[16];
    Arrays.setAll(diagonal, i -> refactored.dotProducts().value(i, i));
    assertThat(diagonal)
        .containsExactly(refactored.squaredNorms().slice("matrix", "W_Q").values(), within(1e-9));
  }

  @Test
  void promptsOfUnknownNamesAreLeftOutInPairs() {
    assertThat(CoursePrompt.unknownNames(CoursePrompt.published(), model.tokenizer())).isEmpty();
    assertThat(CoursePrompt.without(CoursePrompt.published(), List.of(" Sid")))
        .hasSize(6)
        .noneMatch(prompt -> prompt.text().contains("Dan"));
    assertThatThrownBy(() -> CourseTask.of(model, List.of(), Bos.PREPEND))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
