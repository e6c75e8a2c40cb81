package dev.headlamp.experiments.cli;

import dev.headlamp.experiments.ioi.IoiDataset;
import dev.headlamp.experiments.ioi.IoiVocabulary;
import dev.headlamp.experiments.ioi.IoiWords;
import dev.headlamp.experiments.mlps.Behaviour;
import dev.headlamp.experiments.mlps.IoiBehaviour;
import dev.headlamp.experiments.mlps.MlpAblation;
import dev.headlamp.experiments.mlps.TextBehaviour;
import dev.headlamp.hooks.Hook;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.ablation.Ablations;
import dev.headlamp.hooks.report.LabelledArray;
import dev.headlamp.tokenizer.Bos;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a model does without its MLPs. */
@Command(
    name = "ablate-mlps",
    description = {
      "Knock out each MLP, all of them, and all but that of layer 0: what becomes of the logit"
          + " difference on IOI prompts, or of the loss on a text?",
      "Writes ablate-mlps.png, .csv, .json and .html. Exit status: 0, 2 for wrong input, 130 after"
          + " Ctrl-C: what was done by then is written."
    })
final class AblateMlpsCommand implements Callable<Integer> {

  private static final String NAME = "ablate-mlps";

  /** All prompts run at once, and what the MLPs write on all tokens of a text is kept. */
  private static final int MOST_PROMPTS = 2000;

  private static final int MOST_TOKENS = 50_000;

  private final Terminal terminal;

  @Mixin private final ModelOptions model = new ModelOptions();

  @Mixin private final IoiOptions ioi = new IoiOptions();

  @Mixin private final OutputOptions output = new OutputOptions();

  @Option(
      names = "--size",
      paramLabel = "N",
      defaultValue = "100",
      description = "How many IOI prompts to draw. Default: ${DEFAULT-VALUE}.")
  private int size = 100;

  @Option(
      names = "--text",
      paramLabel = "FILE",
      description = "Measure the loss on a text (UTF-8) instead of IOI prompts.")
  private @Nullable Path text;

  @Option(
      names = "--ablation",
      paramLabel = "KIND",
      defaultValue = "mean",
      description = {
        "What is put in the place of an MLP's output: zero, or mean. On IOI prompts that is the"
            + " paper's mean, over prompts with three different names, within each template and"
            + " position by position; on a text it is over all its tokens."
            + " Default: ${DEFAULT-VALUE}."
      })
  private AblationKind ablation = AblationKind.MEAN;

  AblateMlpsCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    if (size < 1 || size > MOST_PROMPTS) {
      throw new InputException("--size must be 1 to %d, not %d".formatted(MOST_PROMPTS, size));
    }
    ExperimentOutput results = ExperimentOutput.prepared(NAME, output, terminal);
    try (HookedGpt2 hooked = model.load(results.forPeople());
        Interruption interruption = Interruption.listen()) {
      Map<String, String> facts = ModelFacts.of(hooked);
      try (Behaviour behaviour = behaviour(hooked, facts)) {
        facts.put("ablation", "output of an MLP at all positions: " + ablation);
        results.printStart(facts);
        return results.show(
            AblateMlpsReport.of(
                hooked, facts, measure(behaviour, results.forPeople(), interruption)));
      }
    }
  }

  private LabelledArray measure(Behaviour behaviour, Terminal people, Interruption interruption) {
    try (SweepProgress progress = new SweepProgress("MLPs", people, interruption)) {
      Hook hook = ablation == AblationKind.ZERO ? Ablations.zero() : behaviour.mean();
      WorkEstimate estimate = new WorkEstimate(progress, people);
      return InputException.blaming(() -> MlpAblation.measure(behaviour, hook, estimate));
    }
  }

  /** Returns what is to be measured, and adds to the facts what it is. */
  private Behaviour behaviour(HookedGpt2 hooked, Map<String, String> facts) {
    if (text != null) {
      return ofText(hooked, text, facts);
    }
    IoiWords published = IoiWords.published();
    IoiVocabulary vocabulary = ioi.vocabulary(hooked, published);
    facts.putAll(ioi.facts(hooked, published, vocabulary));
    facts.put("prompts", size + " IOI prompts");
    return IoiBehaviour.of(hooked, IoiDataset.draw(vocabulary, size, ioi.seed()), ioi.seed() + 1);
  }

  private Behaviour ofText(HookedGpt2 hooked, Path file, Map<String, String> facts) {
    return InputException.blaming(
        () -> {
          int[] tokens = hooked.tokenizer().toTokens(Files.readString(file), Bos.NONE);
          if (tokens.length > MOST_TOKENS) {
            throw new InputException(
                "%s has %d tokens: give a text of at most %d"
                    .formatted(file, tokens.length, MOST_TOKENS));
          }
          facts.put(
              "text",
              "%s, %d tokens, %s"
                  .formatted(file, tokens.length, ModelFacts.bos(hooked, ioi.bos())));
          return TextBehaviour.of(
              hooked, tokens, ioi.bos() == Bos.NONE ? null : hooked.tokenizer().bosId());
        });
  }
}
