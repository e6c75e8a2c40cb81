package dev.headlamp.experiments.cli;

import dev.headlamp.engine.TokenBatch;
import dev.headlamp.engine.WeightProcessing;
import dev.headlamp.experiments.course.CourseAttribution;
import dev.headlamp.experiments.course.CoursePatching;
import dev.headlamp.experiments.course.CoursePrompt;
import dev.headlamp.experiments.course.CourseTask;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.tokenizer.Bos;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The IOI chapter of the ARENA course. */
@Command(
    name = "course",
    description = {
      "The IOI chapter of the ARENA course (1.4.1): the model with its processing flags, the eight"
          + " prompts, logit differences, direct logit attribution, the attention of the heads"
          + " found, and activation patching.",
      "Writes ioi-course.png, .csv, .json and .html, one page that tells it in the chapter's order."
          + " Nothing is drawn at random. Exit status: 0, 2 for wrong input, 130 after Ctrl-C."
    })
final class CourseCommand implements Callable<Integer> {

  private static final String NAME = "ioi-course";

  private final Terminal terminal;

  @Mixin private final ModelOptions model = new ModelOptions();

  @Mixin private final OutputOptions output = new OutputOptions();

  @Option(
      names = "--processing",
      paramLabel = "STEPS",
      converter = ProcessingConverter.class,
      description = {
        "What is done to the weights: steps by TransformerLens' names, separated by commas, or none."
            + " Default: the chapter's, fold_ln,center_writing_weights,center_unembed,"
            + "refactor_factored_attn_matrices."
      })
  private WeightProcessing processing = WeightProcessing.course();

  @Option(
      names = "--no-bos",
      description = "Put no beginning-of-sequence token in front; the chapter does.")
  private boolean noBos;

  @Option(
      names = "--skip-unknown-names",
      description = "Leave out prompts with names that are not one token of this model.")
  private boolean skipUnknown;

  CourseCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    ExperimentOutput results = ExperimentOutput.prepared(NAME, output, terminal);
    try (HookedGpt2 asLoaded = model.load(results.forPeople());
        HookedGpt2 hooked = InputException.blaming(() -> asLoaded.processed(processing));
        Interruption interruption = Interruption.listen()) {
      Bos bos = noBos ? Bos.NONE : Bos.PREPEND;
      CourseTask task = InputException.blaming(() -> CourseTask.of(hooked, prompts(hooked), bos));
      requireRoom(task.clean(), hooked);
      Map<String, String> facts = ModelFacts.of(hooked);
      facts.put(
          "prompts",
          "%d of the chapter's 8, %s"
              .formatted(task.prompts().size(), ModelFacts.bos(hooked, bos)));
      results.printStart(facts);
      CourseReport report = new CourseReport(asLoaded, hooked, task, bos);
      CourseAttribution attribution =
          InputException.blaming(() -> CourseAttribution.of(hooked, task));
      try (SweepProgress progress =
          new SweepProgress("patching", results.forPeople(), interruption)) {
        WorkEstimate estimate = new WorkEstimate(progress, results.forPeople());
        CoursePatching patching = CoursePatching.run(hooked, task, estimate);
        return results.show(report.of(facts, attribution, patching));
      }
    }
  }

  private static void requireRoom(TokenBatch prompts, HookedGpt2 hooked) {
    if (prompts.length() > hooked.config().nCtx()) {
      throw new InputException(
          "the longest prompt has %d tokens: %s sees at most %d"
              .formatted(prompts.length(), hooked.config().name(), hooked.config().nCtx()));
    }
  }

  private List<CoursePrompt> prompts(HookedGpt2 hooked) {
    List<CoursePrompt> published = CoursePrompt.published();
    List<String> unknown = CoursePrompt.unknownNames(published, hooked.tokenizer());
    if (!unknown.isEmpty() && !skipUnknown) {
      throw new InputException(
          "%s are not single tokens of %s: --skip-unknown-names leaves their prompts out"
              .formatted(unknown, hooked.config().name()));
    }
    return CoursePrompt.without(published, unknown);
  }

  /** Reads names of steps. */
  static final class ProcessingConverter implements ITypeConverter<WeightProcessing> {

    @Override
    public WeightProcessing convert(String text) {
      try {
        return WeightProcessing.parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}
