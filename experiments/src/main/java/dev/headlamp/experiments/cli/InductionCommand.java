package dev.headlamp.experiments.cli;

import dev.headlamp.experiments.induction.Compensation;
import dev.headlamp.experiments.induction.InductionHeads;
import dev.headlamp.experiments.induction.RepetitionLoss;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.ablation.AblationTarget;
import dev.headlamp.hooks.ablation.Ablations;
import dev.headlamp.hooks.heads.HeadScores;
import dev.headlamp.hooks.heads.HeadType;
import dev.headlamp.hooks.heads.RepeatedTokens;
import dev.headlamp.hooks.report.LabelledArray;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Induction heads on repeated random tokens, and what the loss is without them. */
@Command(
    name = "induction",
    description = {
      "Repeated random tokens: which heads are induction, previous-token and duplicate-token"
          + " heads, and does the model make up for an induction head that is taken away?",
      "Scores every head, ablates the induction heads one by one, in pairs and together, and"
          + " compares the loss on the second half.",
      "Writes induction.png, .csv, .json and .html. Exit status: 0, 2 for wrong input, 130 after"
          + " Ctrl-C: what was done by then is written."
    })
final class InductionCommand implements Callable<Integer> {

  private static final String NAME = "induction";

  /** Ablated when no head reaches the threshold. */
  private static final int FALLBACK = 4;

  private static final int MOST_HEADS = 32;

  private final Terminal terminal;

  @Mixin private final ModelOptions model = new ModelOptions();

  @Mixin private final OutputOptions output = new OutputOptions();

  @Option(
      names = "--length",
      paramLabel = "N",
      description = "How many tokens are said twice. Default: min(50, n_ctx / 2 - 1).")
  private @Nullable Integer length;

  @Option(
      names = "--sequences",
      paramLabel = "N",
      defaultValue = "10",
      description = "How many such sequences. Default: ${DEFAULT-VALUE}.")
  private int sequences = 10;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Which random tokens. Default: ${DEFAULT-VALUE}.")
  private long seed = 1;

  @Option(
      names = "--bos",
      description = "Put the beginning-of-sequence token in front; the IOI paper does not.")
  private boolean bos;

  @Option(
      names = "--threshold",
      paramLabel = "X",
      defaultValue = "0.3",
      description = {
        "Ablate the heads whose induction score is at least this: ${DEFAULT-VALUE}, unless you say"
            + " otherwise. If no head has as much, the 4 highest are ablated."
      })
  private double threshold = 0.3;

  @Option(
      names = "--heads",
      paramLabel = "LAYER.HEAD",
      split = ",",
      converter = HeadName.Converter.class,
      description = "Ablate these heads instead, whatever they score: 5.1,6.9.")
  private List<HeadName> heads = List.of();

  @Option(
      names = "--ablation",
      paramLabel = "KIND",
      defaultValue = "zero",
      description = {
        "What is put in the place of a head's output (z): zero, or mean, its mean over all"
            + " positions of the same sequences. Default: ${DEFAULT-VALUE}."
      })
  private AblationKind ablation = AblationKind.ZERO;

  InductionCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    ExperimentOutput results = ExperimentOutput.prepared(NAME, output, terminal);
    try (HookedGpt2 hooked = model.load(results.forPeople());
        Interruption interruption = Interruption.listen()) {
      RepeatedTokens tokens = InputException.blaming(() -> tokens(hooked));
      heads.forEach(head -> head.checkedFor(hooked.config()));
      InductionReport.Start start = new InductionReport.Start(hooked, tokens, ablation);
      results.printStart(start.facts());
      HeadScores scores = HeadScores.of(hooked, tokens);
      Choice choice = choice(scores.of(HeadType.INDUCTION));
      try (RepetitionLoss loss = loss(hooked, tokens);
          SweepProgress progress =
              new SweepProgress("ablation", results.forPeople(), interruption)) {
        RepetitionLoss.Losses intact = InputException.blaming(() -> loss.without(List.of()));
        Compensation compensation =
            Compensation.measure(
                choice.heads(),
                ablated -> loss.without(ablated).second(),
                new WorkEstimate(progress, results.forPeople()));
        return results.show(start.with(scores, choice.why(), intact, compensation));
      }
    }
  }

  private RepetitionLoss loss(HookedGpt2 hooked, RepeatedTokens tokens) {
    return switch (ablation) {
      case ZERO -> RepetitionLoss.of(hooked, tokens, Ablations.zero());
      case MEAN -> RepetitionLoss.ofHeadMeans(hooked, tokens);
    };
  }

  /** Heads to ablate, and why these. */
  private record Choice(List<AblationTarget> heads, String why) {}

  private Choice choice(LabelledArray scores) {
    if (!heads.isEmpty()) {
      List<AblationTarget> named =
          heads.stream().distinct().map(h -> AblationTarget.head(h.layer(), h.head())).toList();
      return new Choice(checked(named), "those named");
    }
    List<AblationTarget> above = InductionHeads.atLeast(scores, threshold);
    return above.isEmpty()
        ? new Choice(
            InductionHeads.highest(scores, FALLBACK),
            "no head has an induction score of %s: the %d highest".formatted(threshold, FALLBACK))
        : new Choice(checked(above), "induction score of at least " + threshold);
  }

  private static List<AblationTarget> checked(List<AblationTarget> chosen) {
    if (chosen.size() > MOST_HEADS) {
      throw new InputException(
          "%d heads are too many to ablate in pairs: choose at most %d with --heads or --threshold"
              .formatted(chosen.size(), MOST_HEADS));
    }
    return chosen;
  }

  private RepeatedTokens tokens(HookedGpt2 hooked) {
    RepeatedTokens tokens =
        RepeatedTokens.defaults(hooked.config()).withSequences(sequences).withSeed(seed);
    if (length != null) {
      tokens = tokens.withLength(length);
    }
    if (bos) {
      tokens = tokens.withBos(hooked.tokenizer().bosId());
    }
    tokens.draw(hooked.config()); // refuses what does not fit
    return tokens;
  }
}
