package dev.headlamp.experiments.ioi.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.experiments.ioi.IoiDataset;
import dev.headlamp.experiments.ioi.IoiPrompt;
import dev.headlamp.experiments.ioi.IoiTemplate;
import dev.headlamp.experiments.ioi.IoiVocabulary;
import dev.headlamp.experiments.ioi.IoiWords;
import dev.headlamp.experiments.ioi.NextTokens;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.HookRegistry;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.NextToken;
import dev.headlamp.hooks.Part;
import dev.headlamp.hooks.SweepMonitor;
import dev.headlamp.hooks.ablation.KnockOutTable;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

class ResearchLogTest {

  private static HookedGpt2 model;
  private static IoiVocabulary vocabulary;
  private static IoiTemplate first;

  @BeforeAll
  static void load() throws Exception {
    model = HookedGpt2.load(Fixtures.model("ioi-demo"));
    vocabulary =
        IoiVocabulary.of(IoiWords.published().withTemplates(LogTemplates.all()), model.tokenizer());
    first = LogTemplates.all().get(0);
  }

  @AfterAll
  static void close() {
    model.close();
  }

  @Test
  void theFormsRepeatTheNamesThatTheLogSays() {
    for (IoiPrompt prompt : NameForm.ABB.draw(vocabulary, first, 20, 1).prompts()) {
      String a = prompt.indirectObject();
      String b = prompt.subject1();
      assertThat(prompt.text())
          .isEqualTo("When %s and %s went to the store, %s gave a drink to".formatted(a, b, b));
    }
    for (IoiPrompt prompt : NameForm.ABA.draw(vocabulary, first, 20, 1).prompts()) {
      String a = prompt.subject1();
      String b = prompt.indirectObject();
      assertThat(prompt.text())
          .isEqualTo("When %s and %s went to the store, %s gave a drink to".formatted(a, b, a));
    }
    for (IoiPrompt prompt : NameForm.ABC.draw(vocabulary, first, 20, 1).prompts()) {
      assertThat(List.of(prompt.indirectObject(), prompt.subject1(), prompt.subject2()))
          .doesNotHaveDuplicates();
    }
  }

  @Test
  void aFormIsShownWithLettersForNames() {
    assertThat(NameForm.ABC.example(first))
        .isEqualTo("When A and B went to the store, C gave a drink to");
    assertThat(NameForm.ABA.example(first))
        .isEqualTo("When A and B went to the store, A gave a drink to");
    assertThat(NameForm.ABB.example(first))
        .isEqualTo("When A and B went to the store, B gave a drink to");
  }

  @Test
  void anOutcomeIsWhatThePromptsSayOneByOne() {
    FormOutcome outcome = FormOutcome.measure(model, vocabulary, first, NameForm.ABB, 12, 3);
    IoiDataset prompts = NameForm.ABB.draw(vocabulary, first, 12, 3);
    int right = 0;
    double probability = 0;
    for (int i = 0; i < 12; i++) {
      NextToken next = NextTokens.after(model, prompts.select(i)).get(0);
      int answer = prompts.answers()[i];
      right += next.rank(answer) == 0 ? 1 : 0;
      probability += next.probability(answer);
    }
    assertThat(outcome.asExpected()).isEqualTo(right / 12.0);
    assertThat(outcome.probability()).isCloseTo(probability / 12, within(1e-5));
  }

  @Test
  void aKnockOutPutsTheHeadAtItsMeanOverTheBaseline() {
    IoiDataset prompt = NameForm.ABB.draw(vocabulary, first, 1, 1);
    IoiDataset baseline = NameForm.ABC.draw(vocabulary, first, 10, 2);
    KnockOutTable table = HeadKnockOut.run(model, prompt, baseline, SweepMonitor.NONE);
    assertThat(table.rows()).hasSize(4 * 8);
    LabelledArray grid = HeadKnockOut.grid(model, table, 6);
    for (int layer : new int[] {0, 3}) {
      assertThat(grid.value(layer, 5))
          .isCloseTo(
              difference(prompt, layer, -1, baseline) - difference(prompt, layer, 5, baseline),
              within(1e-4));
    }
  }

  /** The logit difference with a head at its mean, the mean taken by ND4J; −1 for no head. */
  private static double difference(IoiDataset prompt, int layer, int head, IoiDataset baseline) {
    HookPoint z = HookPoint.of(Activation.Z, layer);
    try (CachedRun run = model.runWithCache(baseline.tokens(), CacheSpec.of(z));
        INDArray mean = run.cache().get(z).mean(true, 0);
        HookRegistry hooks = model.newHooks()) {
      if (head >= 0) {
        hooks.add(z, Part.everything().heads(head), (values, context) -> own(mean, head));
      }
      try (INDArray logits = model.run(prompt.tokens(), hooks)) {
        NextToken next = NextToken.of(logits, 0, (int) logits.size(1) - 1);
        return next.logit(prompt.answers()[0]) - next.logit(prompt.wrong()[0]);
      }
    }
  }

  private static INDArray own(INDArray mean, int head) {
    return mean.get(
            NDArrayIndex.all(),
            NDArrayIndex.all(),
            NDArrayIndex.interval(head, head + 1),
            NDArrayIndex.all())
        .dup('c');
  }

  @Test
  void thePublishedRankingIsByKl() {
    List<PublishedKnockOut> ranking = PublishedKnockOut.ranking();
    assertThat(ranking).hasSize(12);
    assertThat(ranking.stream().map(row -> -row.kl())).isSorted();
    assertThat(ranking.get(0).head()).isEqualTo(10);
    assertThat(ranking.get(0).kl()).isEqualTo(0.1395);
    assertThat(ranking.get(0).probabilityOfIo()).isEqualTo(-0.2424);
  }
}
