package dev.headlamp.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.fixtures.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CourseCommandTest {

  private static final double TOLERANCE = 1e-3;

  @TempDir private Path folder;

  private CommandLineRun course(String fixture, String... options) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "ioi",
                "course",
                "--model",
                Fixtures.model(fixture).toString(),
                "--out",
                folder.toString()));
    all.addAll(Arrays.asList(options));
    return CommandLineRun.of(all.toArray(String[]::new));
  }

  private static double[] values(Json document, String name) {
    return document.get("arrays").items().stream()
        .filter(array -> name.equals(array.get("name").value()))
        .findFirst()
        .orElseThrow()
        .get("values")
        .numbers();
  }

  @Test
  void processingChangesNoLogitDifferenceAndNoPatchedRunOfTheStream() {
    Json processed = Json.parse(course("ioi-demo", "--json").out());
    Json raw = Json.parse(course("ioi-demo", "--json", "--processing", "none").out());

    assertThat(processed.get("facts").get("weight processing").value())
        .isEqualTo(
            "fold_ln, center_writing_weights, center_unembed, refactor_factored_attn_matrices");
    assertThat(raw.get("facts").get("weight processing").value()).isEqualTo("none");
    assertThat(values(processed, "logit difference"))
        .hasSize(8)
        .containsExactly(values(raw, "logit difference"), within(TOLERANCE));
    assertThat(values(processed, "patching by layer and position"))
        .containsExactly(values(raw, "patching by layer and position"), within(TOLERANCE));
  }

  @Test
  void thePageTellsTheChapterInItsOrder() throws IOException {
    CommandLineRun run = course("ioi-demo");

    assertThat(run.err()).isEmpty();
    assertThat(run.status()).isZero();
    assertThat(run.out())
        .contains("When Dan and Sid went to the shops, Sid gave an apple to", "mean");
    String page = Files.readString(folder.resolve("ioi-course.html"));
    assertThat(page).contains("No figures are known that were published of ioi-demo.");
    // Of the headings only: searching a whole page for one text behind the other takes a minute.
    assertThat(Pattern.compile("<h2>[^<:,]*").matcher(page).results().map(MatchResult::group))
        .containsSubsequence(
            "<h2>1. The model",
            "<h2>2. The task",
            "<h2>3. Direct logit attribution",
            "<h2>4. Attention",
            "<h2>5. Activation patching",
            "<h2>Published figures beside ours");
    assertThat(ImageIO.read(folder.resolve("ioi-course.png").toFile())).isNotNull();
  }

  @Test
  void wrongInputIsRefused() {
    CommandLineRun unknownStep = course("ioi-demo", "--processing", "fold_everything");
    assertThat(unknownStep.status()).isEqualTo(2);
    assertThat(unknownStep.err())
        .contains("no weight processing 'fold_everything'")
        .hasLineCount(1);

    CommandLineRun withoutTokenizer = course("tiny");
    assertThat(withoutTokenizer.status()).isEqualTo(2);
    assertThat(withoutTokenizer.err()).contains("tiny has no tokenizer");
  }
}
