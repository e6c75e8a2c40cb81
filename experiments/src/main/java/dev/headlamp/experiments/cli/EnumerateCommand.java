package dev.headlamp.experiments.cli;

import dev.headlamp.experiments.enumeration.Enumeration;
import dev.headlamp.experiments.enumeration.EnumerationFile;
import dev.headlamp.experiments.enumeration.EnumerationHeader;
import dev.headlamp.experiments.enumeration.Enumerator;
import dev.headlamp.experiments.enumeration.PromptScorer;
import dev.headlamp.experiments.enumeration.PromptSpace;
import dev.headlamp.experiments.enumeration.PromptTokens;
import dev.headlamp.experiments.enumeration.Shard;
import dev.headlamp.experiments.enumeration.Slice;
import dev.headlamp.experiments.enumeration.TimeEstimate;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.tokenizer.Bos;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The logit difference of every IOI prompt there is. */
@Command(
    name = "enumerate",
    description = {
      "Every prompt of the 15 IOI templates: on whose names does the model fail?",
      "Computes logit[IO] - logit[S] of 9,313,920 prompts into enumeration.rows as it goes. Stop it"
          + " whenever you like: the same command goes on where it was. Then writes"
          + " enumeration.html, .png, .json and enumeration-means.csv. Start with --sample 20000.",
      "The exit status is 0 when all is computed, 130 when stopped before, 2 on wrong input."
    })
final class EnumerateCommand implements Callable<Integer> {

  private static final Duration MEASURED_RUN = Duration.ofSeconds(3);
  private static final long MEGABYTE = 1_000_000;

  private final Terminal terminal;

  @Mixin private final ModelOptions model = new ModelOptions();

  @Option(
      names = "--sample",
      paramLabel = "N",
      description = "Compute only so many prompts, drawn at random, and keep no rows.")
  private @Nullable Integer sample;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "The seed of the sample. Default: ${DEFAULT-VALUE}.")
  private long seed = 1;

  @Option(
      names = "--shard",
      paramLabel = "I/N",
      defaultValue = "1/1",
      description =
          "Compute only the I-th of N equal parts, into enumeration-I-of-N.rows; `headlamp ioi"
              + " merge` joins them.")
  private String shard = "1/1";

  @Option(names = "--no-bos", description = "Put no beginning-of-sequence token in front.")
  private boolean noBos;

  @Option(
      names = "--skip-unknown-names",
      description = "Leave out names, places and objects that are not one token to the model.")
  private boolean skipUnknownNames;

  @Mixin private final EnumerationOptions enumeration = new EnumerationOptions();

  @Mixin private final OutputOptions output = new OutputOptions();

  EnumerateCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    if (sample != null && sample < 1) {
      throw new InputException("--sample must be 1 or more, not " + sample);
    }
    Shard part = InputException.blaming(() -> Shard.parse(shard));
    if (sample != null && part.count() > 1) {
      throw new InputException("--sample and --shard cannot be given together");
    }
    EnumerationOutput out = EnumerationOutput.of(name(part), output, enumeration, terminal);
    try (HookedGpt2 hooked = model.load(output.forPeople(terminal))) {
      Bos bos = noBos ? Bos.NONE : Bos.PREPEND;
      PromptSpace space = InputException.blaming(() -> space(hooked));
      PromptTokens prompts = InputException.blaming(() -> PromptTokens.of(hooked, space, bos));
      List<Slice> slices = enumeration.slices(space);
      Enumerator enumerator = new Enumerator(prompts, PromptScorer.of(hooked.engine()));
      Map<String, String> facts = new LinkedHashMap<>(ModelFacts.of(hooked));
      facts.putAll(EnumerateFacts.of(space, bos));
      if (!space.equals(PromptSpace.standard())) {
        facts.put("left out", PromptTokens.unknownWords(hooked, PromptSpace.standard()).toString());
      }
      return sample == null
          ? complete(EnumerationHeader.of(hooked, prompts, part), enumerator, facts, slices, out)
          : sampled(sample, enumerator, facts, slices, out);
    }
  }

  private String name(Shard part) {
    if (sample != null) {
      return "enumeration-sample";
    }
    return part.count() == 1
        ? "enumeration"
        : "enumeration-%d-of-%d".formatted(part.index(), part.count());
  }

  private PromptSpace space(HookedGpt2 hooked) {
    PromptSpace standard = PromptSpace.standard();
    List<String> unknown = PromptTokens.unknownWords(hooked, standard);
    if (!unknown.isEmpty() && !skipUnknownNames) {
      throw new InputException(
          "%d words are not one token to %s: %s; --skip-unknown-names leaves them out"
              .formatted(unknown.size(), hooked.config().name(), String.join(", ", unknown)));
    }
    return standard.without(unknown);
  }

  private int sampled(
      int count,
      Enumerator enumerator,
      Map<String, String> facts,
      List<Slice> slices,
      EnumerationOutput out)
      throws IOException {
    facts.put("sample", "%s prompts, seed %d".formatted(EnumerationText.whole(count), seed));
    out.print(facts);
    try (Interruption interruption = Interruption.listen()) {
      Enumeration rows;
      try (EnumerationProgress progress =
          EnumerationProgress.estimating(out.forPeople(), interruption)) {
        rows = InputException.blaming(() -> enumerator.sample(count, seed, progress));
      }
      if (interruption.isRequested()) {
        facts.put("interrupted", "a part of the sample was computed");
      }
      out.show(facts, rows, slices);
      return interruption.isRequested() ? ExitStatus.INTERRUPTED : ExitStatus.OK;
    }
  }

  private int complete(
      EnumerationHeader header,
      Enumerator enumerator,
      Map<String, String> facts,
      List<Slice> slices,
      EnumerationOutput out)
      throws IOException {
    facts.put("weights", "SHA-256 " + header.weights());
    if (header.shard().count() > 1) {
      facts.put("shard", header.shard().toString());
    }
    out.print(facts);
    try (EnumerationFile file =
            InputException.blaming(() -> EnumerationFile.resume(out.rows(), header));
        Interruption interruption = Interruption.listen()) {
      printPlan(file, enumerator, out);
      boolean complete;
      try (EnumerationProgress progress = EnumerationProgress.of(out.forPeople(), interruption)) {
        complete = InputException.blaming(() -> enumerator.complete(file, progress));
      }
      if (!complete) {
        out.forPeople()
            .out()
            .printf(
                Locale.ROOT,
                "interrupted: %,d of %,d rows are in %s; the same command goes on%n",
                file.rowsWritten(),
                file.rowsOfShard(),
                out.rows());
        return ExitStatus.INTERRUPTED;
      }
      out.show(facts, file.read(), slices);
      return ExitStatus.OK;
    }
  }

  /** Says what there is to do, and from a short run how long it will take. */
  private static void printPlan(
      EnumerationFile file, Enumerator enumerator, EnumerationOutput out) {
    Map<String, String> plan = new LinkedHashMap<>();
    plan.put(
        "rows there",
        "%s of %s in %s"
            .formatted(
                EnumerationText.whole(file.rowsWritten()),
                EnumerationText.whole(file.rowsOfShard()),
                out.rows()));
    int missing = file.rowsOfShard() - file.rowsWritten();
    if (missing > 0) {
      TimeEstimate estimate =
          InputException.blaming(() -> TimeEstimate.measure(enumerator, MEASURED_RUN));
      Duration rest = estimate.ofRest(enumerator, file);
      plan.put("time", "about " + words(rest));
      plan.put("memory", memory((long) file.header().space().rows() * Float.BYTES / MEGABYTE));
    }
    out.print(plan);
  }

  /** What is in use after the short run, and the rows once more for the tables. */
  private static String memory(long megabytesOfRows) {
    return String.format(
        Locale.ROOT,
        "about %,d MB, and %,d MB on the disk",
        Pointer.physicalBytes() / MEGABYTE + megabytesOfRows,
        megabytesOfRows);
  }

  private static String words(Duration time) {
    if (time.toMinutes() < 2) {
      return time.toSeconds() + " seconds";
    }
    return time.toHours() < 3
        ? time.toMinutes() + " minutes"
        : String.format(Locale.ROOT, "%.1f hours", time.toMinutes() / 60.0);
  }
}
