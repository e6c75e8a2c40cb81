package dev.headlamp.experiments.cli;

import dev.headlamp.engine.TokenBatch;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** What activation patching found, as one JSON document. */
final class PatchJson {

  private PatchJson() {}

  static JsonDocument of(PatchReport report, List<Path> files) {
    return new JsonDocument()
        .with("facts", report.facts())
        .with("complete", report.isComplete())
        .with("clean", side(report, report.prompts().clean(), report.clean()))
        .with("corrupted", side(report, report.prompts().corrupted(), report.corrupted()))
        .with(
            "mean_logit_difference",
            new JsonDocument()
                .with("clean", report.meanClean())
                .with("corrupted", report.meanCorrupted())
                .fields())
        .with("arrays", report.arrays().stream().map(JsonDocument::of).toList())
        .with("files", files.stream().map(Path::toString).toList());
  }

  private static List<?> side(PatchReport report, TokenBatch tokens, List<AnswerReadout> readouts) {
    return IntStream.range(0, readouts.size())
        .mapToObj(
            i ->
                new JsonDocument()
                    .with("tokens", Arrays.stream(tokens.prompt(i)).boxed().toList())
                    .with("answer", JsonDocument.of(report.model(), readouts.get(i).answer()))
                    .with("wrong", JsonDocument.of(report.model(), readouts.get(i).wrong()))
                    .with("logit_difference", readouts.get(i).logitDifference())
                    .fields())
        .toList();
  }
}
