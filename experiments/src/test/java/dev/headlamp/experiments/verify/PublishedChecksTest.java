package dev.headlamp.experiments.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.headlamp.experiments.verify.Finding.Verdict;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.hooks.HookedGpt2;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bundled figures, and how files of figures are read. */
class PublishedChecksTest {

  @TempDir private Path folder;

  @Test
  void aModelIsKnownByItsNameWithOrWithoutItsOwners() {
    PublishedChecks bundled = PublishedChecks.bundled();
    for (String known :
        List.of(
            "gpt2",
            "openai-community/gpt2",
            "gpt2-medium",
            "EleutherAI/gpt-neo-125m",
            "gpt2@main",
            "gpt2@607a30d783dfa663caf39e06633721c8d4cfcd7e")) {
      assertThat(bundled.of(known).isEmpty()).as(known).isFalse();
    }
    for (String unknown :
        List.of("distilgpt2", "gpt2@checkpoint-100", "gpt2-xl", "somebody/gpt2", "")) {
      assertThat(bundled.of(unknown).isEmpty()).as(unknown).isTrue();
    }
  }

  /** A stand-in that is certainly not GPT-2: every figure is compared or said to be left out. */
  @Test
  void everyBundledCheckOfGpt2RunsOrSaysWhyNot() throws IOException {
    List<Finding> findings = new ArrayList<>();
    try (HookedGpt2 demo = HookedGpt2.load(Fixtures.model("ioi-demo"))) {
      PublishedChecks.bundled()
          .of("gpt2")
          .measure(demo, (source, finding) -> findings.add(finding));
    }
    assertThat(findings)
        .filteredOn(finding -> finding.verdict() == Verdict.PASS)
        .as("met by chance: 0.06 where 0.05 is published")
        .extracting(Finding::what)
        .containsExactly(
            "probability of \" John\" after \"Yesterday Mary and John went to the store; John gave a"
                + " drink to\"");
    assertThat(findings)
        .filteredOn(Finding.NotRun.class::isInstance)
        .as("3 of all IOI prompts, 25 of some of them")
        .hasSize(28)
        .allSatisfy(
            finding ->
                assertThat(((Finding.NotRun) finding).reason()).contains("--enumeration FILE"));
    assertThat(findings)
        .filteredOn(Finding.Failed.class::isInstance)
        .extracting(finding -> ((Finding.Failed) finding).reason())
        .contains("layer 9 is out of range: ioi-demo has layers 0 to 3");
  }

  @Test
  void aFileThatIsNoListOfFiguresIsRefusedWithThePlace() throws IOException {
    assertRefused("[1]", "one JSON object is expected");
    assertRefused("{}", "field prompt_sets is missing");
    assertRefused(
        "{\"prompt_sets\": {}, \"checks\": [{\"models\": [\"a\"], \"source\": \"b\","
            + " \"kind\": \"guess\"}]}",
        "there is no kind of check 'guess'");
    assertRefused(
        "{\"prompt_sets\": {}, \"checks\": [{\"models\": [\"a\"], \"source\": \"b\","
            + " \"kind\": \"loss\", \"text\": 5}]}",
        "field text is 5.0 where a String is expected");
  }

  private void assertRefused(String json, String saying) throws IOException {
    Path file = Files.writeString(folder.resolve("figures.json"), json);
    assertThatThrownBy(() -> PublishedChecks.read(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(saying);
  }
}
