package dev.headlamp.experiments.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.WeightProcessing;
import dev.headlamp.experiments.enumeration.Enumeration;
import dev.headlamp.experiments.enumeration.EnumerationHeader;
import dev.headlamp.experiments.enumeration.PromptSpace;
import dev.headlamp.experiments.enumeration.PromptTokens;
import dev.headlamp.experiments.enumeration.Shard;
import dev.headlamp.experiments.enumeration.StoredEnumeration;
import dev.headlamp.experiments.verify.Expectation.Near;
import dev.headlamp.experiments.verify.Finding.Verdict;
import dev.headlamp.experiments.verify.SliceFigure.Quantity;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.tokenizer.Bos;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A stand-in for a finished enumeration of the demo model: a value of 4 except in 5000 rows. */
class EnumerationCheckTest {

  private static final int FAILURES = 5000;
  private static final int ROWS = 9_313_920;

  private static HookedGpt2 model;

  @BeforeAll
  static void load() throws IOException {
    model = HookedGpt2.load(Fixtures.model("ioi-demo"));
  }

  @AfterAll
  static void close() {
    model.close();
  }

  private static StoredEnumeration standIn(Bos bos) {
    float[] values = new float[ROWS];
    Arrays.fill(values, 4);
    Arrays.fill(values, 1_000_000, 1_000_000 + FAILURES, -1);
    PromptSpace space = PromptSpace.standard();
    PromptTokens prompts = PromptTokens.of(model, space, bos);
    return new StoredEnumeration(
        EnumerationHeader.of(model, prompts, Shard.whole()), new Enumeration(space, values));
  }

  @Test
  void theFiguresAreThoseOfTheFile() {
    double share = (double) FAILURES / ROWS;
    double mean = 4 - 5 * share;
    // Two values 5 apart: the variance is 25 p (1 - p), of a sample.
    double deviation = 5 * Math.sqrt(share * (1 - share) * ROWS / (ROWS - 1));
    List<Finding> findings = check(mean, deviation, standIn(Bos.PREPEND)).measure(model);
    assertThat(findings).extracting(Finding::verdict).containsOnly(Verdict.PASS).hasSize(3);
    List<Finding> wrong = check(mean + 0.01, deviation, standIn(Bos.PREPEND)).measure(model);
    assertThat(wrong)
        .extracting(Finding::verdict)
        .containsExactly(Verdict.MISS, Verdict.PASS, Verdict.PASS);
    assertThat(((Finding.Measured) wrong.get(0)).measured()).isCloseTo(mean, within(1e-9));
  }

  @Test
  void figuresOfSlicesAreThoseOfTheirRows() {
    PromptSpace space = PromptSpace.standard();
    int lisa = space.names().indexOf("Lisa");
    int katie = space.names().indexOf("Katie");
    StoredEnumeration stored = standIn(Bos.PREPEND);
    stored.rows().values()[7] = -2.5f;
    double sum = 0;
    double slice = 0;
    for (int sentence = 0; sentence < 15 * 8 * 8; sentence++) {
      for (int other = 0; other < 98; other++) {
        // The order of rows: template > place > object > S > IO without S.
        float value = stored.rows().values()[(sentence * 99 + lisa) * 98 + other];
        sum += value;
        slice += other == katie - (katie > lisa ? 1 : 0) ? value : 0;
      }
    }
    List<SliceFigure> figures =
        List.of(
            new SliceFigure(List.of("S=Lisa"), Quantity.MEAN, near(sum / (15 * 64 * 98))),
            new SliceFigure(List.of("S=Lisa", "IO=Katie"), Quantity.MEAN, near(slice / (15 * 64))),
            new SliceFigure(List.of(), Quantity.LOWEST, near(-2.5)),
            new SliceFigure(List.of(), Quantity.HIGHEST, near(4)),
            new SliceFigure(List.of("template=13"), Quantity.DEVIATION, near(0)),
            new SliceFigure(List.of("S=Nobody"), Quantity.MEAN, near(4)));
    List<Finding> findings =
        new EnumerationCheck(near(0), near(0), near(0), figures, Optional.of(stored))
            .measure(model);
    assertThat(findings.subList(3, 9))
        .extracting(Finding::verdict)
        .containsExactly(
            Verdict.PASS, Verdict.PASS, Verdict.PASS, Verdict.PASS, Verdict.PASS, Verdict.MISS);
    assertThat(findings.get(4).what()).isEqualTo("mean logit difference of S=Lisa, IO=Katie");
  }

  @Test
  void withoutAFileTheCommandIsNamed() {
    EnumerationCheck check =
        new EnumerationCheck(near(1), near(1), near(1), List.of(), Optional.empty());
    assertThat(check.measure(model))
        .hasSize(3)
        .allSatisfy(
            finding ->
                assertThat(((Finding.NotRun) finding).reason())
                    .isEqualTo("give --enumeration FILE made by `headlamp ioi enumerate`"));
  }

  @Test
  void theFileOfAnotherModelIsAMiss() {
    StoredEnumeration stored = standIn(Bos.PREPEND);
    try (HookedGpt2 other = model.processed(WeightProcessing.transformerLens())) {
      assertFails(other, stored, "is of a model with other weights, then called ioi-demo");
    }
  }

  @Test
  void theFileOfOtherPromptsOrOfSomeIsAMiss() {
    assertFails(model, standIn(Bos.NONE), "is of other prompts");
    StoredEnumeration begun = standIn(Bos.PREPEND);
    begun.rows().values()[7] = Float.NaN;
    assertFails(model, begun, "has 9313919 of 9313920 rows");
  }

  private static void assertFails(HookedGpt2 of, StoredEnumeration stored, String reason) {
    PublishedCheck check =
        new PublishedCheck(List.of("ioi-demo"), "somewhere", "enumeration", check(4, 1, stored));
    List<Finding> findings = new ArrayList<>(check.measure(of));
    assertThat(findings).singleElement().isInstanceOf(Finding.Failed.class);
    assertThat(((Finding.Failed) findings.get(0)).reason()).contains(reason);
  }

  private static EnumerationCheck check(double mean, double deviation, StoredEnumeration stored) {
    return new EnumerationCheck(
            near(mean), near(deviation), near(FAILURES), List.of(), Optional.empty())
        .with(stored);
  }

  private static Near near(double value) {
    return new Near(value, 1e-6);
  }
}
