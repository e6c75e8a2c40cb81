package dev.headlamp.experiments.cli;

import dev.headlamp.experiments.ioi.IoiDataset;
import dev.headlamp.experiments.ioi.IoiPrompt;
import dev.headlamp.experiments.ioi.NextTokens;
import dev.headlamp.experiments.ioi.log.FormOutcome;
import dev.headlamp.experiments.ioi.log.HeadKnockOut;
import dev.headlamp.experiments.ioi.log.LogTemplates;
import dev.headlamp.experiments.ioi.log.NameForm;
import dev.headlamp.experiments.ioi.log.PublishedKnockOut;
import dev.headlamp.experiments.verify.PublishedChecks;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.NextToken;
import dev.headlamp.hooks.ablation.AblationTarget;
import dev.headlamp.hooks.ablation.KnockOutTable;
import dev.headlamp.hooks.report.ColorScale;
import dev.headlamp.hooks.report.Heatmap;
import dev.headlamp.hooks.report.LabelledArray;
import dev.headlamp.hooks.report.ReportSection;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What repeating the research log found.
 *
 * @param model the model
 * @param facts what is to be known of the run
 * @param prompt the one prompt that heads were knocked out on
 */
record IoiLogReport(HookedGpt2 model, Map<String, String> facts, IoiDataset prompt) {

  private static final int TOP_TOKENS = 3;
  private static final int TOP_HEADS = 12;

  /** The columns of the table, as {@link HeadKnockOut#run} lists them. */
  private static final int KL = 0;

  private static final int TOTAL_VARIATION = 2;
  private static final int L2 = 3;
  private static final int IO = 4;
  private static final int S = 5;
  private static final int LOGIT_DIFFERENCE = 6;

  private static final List<Double> NOT_COMPUTED =
      Collections.nCopies(LOGIT_DIFFERENCE + 1, Double.NaN);

  private static final String READING =
      """
      A head is knocked out by putting its output, at every position, at its mean over prompts of
      three different names. KL(original || ablated) says how much the next token's distribution
      changes, in nats; the differences say in which direction, and are original - ablated: a head
      with a positive difference helped the right name, one with a negative difference held it
      back. After ABC no name is expected, after ABA the second, after ABB the first.
      One prompt is one prompt: other names give other heads (--names, --template).
      """;

  /** Returns what a model says after the prompt. */
  static NextToken after(HookedGpt2 model, IoiDataset prompt) {
    return NextTokens.after(model, prompt).get(0);
  }

  ExperimentReport of(List<FormOutcome> outcomes, NextToken original, KnockOutTable table) {
    List<LabelledArray> grids =
        List.of(
            HeadKnockOut.grid(model, table, KL),
            HeadKnockOut.grid(model, table, IO),
            HeadKnockOut.grid(model, table, LOGIT_DIFFERENCE));
    List<LabelledArray> arrays = new ArrayList<>(List.of(table.means()));
    List<ReportSection> details = new ArrayList<>();
    if (isPublished()) {
      details.add(new ReportSection.Text("The last layer beside the log's", beside(table)));
    }
    details.add(
        PublishedFigures.section(
            model, checks -> checks.from("IOI research log").ofKind("next_token")));
    details.add(new ReportSection.Text("How to read this", READING));
    return new ExperimentReport(
        "IOI research log: " + model.config().name(),
        facts,
        List.of(
            new ReportSection.Text("Random names: what is said next", forms(outcomes)),
            new ReportSection.Text("The prompt as it is", top(original)),
            new ReportSection.Text("Heads knocked out, by KL", ranking(table.ranked())),
            new ReportSection.Heatmaps(
                "All heads",
                List.of(
                    Heatmap.of(grids.get(0))
                        .withTitle("Distribution moved")
                        .withScale(ColorScale.sequential(0, reach(grids.get(0)))),
                    Heatmap.of(grids.get(1)).withTitle("Probability of IO lost"),
                    Heatmap.of(grids.get(2)).withTitle("Logit difference lost")))),
        details,
        arrays,
        table.rows().size() == table.targets().size()
            && outcomes.size() == LogTemplates.all().size() * NameForm.values().length);
  }

  /** Returns the upper end of a scale, a round number. */
  private static double reach(LabelledArray kl) {
    return ColorScale.divergingOver(0, kl).high();
  }

  private boolean isPublished() {
    IoiPrompt only = prompt.prompts().get(0);
    return only.indirectObject().equals("Mary")
        && only.subject1().equals("John")
        && only.template().number() == 1
        && !PublishedChecks.bundled().of(model.config().name()).ofKind("knock_out").isEmpty();
  }

  private String forms(List<FormOutcome> outcomes) {
    TextTable table =
        TextTable.of("form", "expected", ">first", ">probability", "commonest", ">share", "prompt");
    for (FormOutcome outcome : outcomes) {
      table.add(
          outcome.form().name(),
          switch (outcome.form()) {
            case ABC -> "no name";
            case ABA -> "B";
            case ABB -> "A";
          },
          percent(outcome.asExpected()),
          percent(outcome.probability()),
          ModelFacts.quoted(model, outcome.commonest()),
          percent(outcome.commonestShare()),
          outcome.form().example(outcome.template()));
    }
    return String.join("\n", table.lines());
  }

  private String top(NextToken original) {
    TextTable table = TextTable.of(">probability", "token", ">logit");
    for (NextToken.Candidate candidate : original.top(TOP_TOKENS)) {
      table.add(
          percent(candidate.probability()),
          ModelFacts.quoted(model, candidate.token()),
          String.format(Locale.ROOT, "%.2f", candidate.logit()));
    }
    return String.join("\n", table.lines());
  }

  private String ranking(KnockOutTable ranked) {
    IoiPrompt only = prompt.prompts().get(0);
    TextTable table =
        TextTable.of(
            ">#",
            "head",
            ">KL",
            ">JS",
            ">TV",
            ">L2",
            ">dp(" + only.indirectObject() + ")",
            ">dp(" + only.subject1() + ")",
            ">dLD");
    List<KnockOutTable.Row> rows = ranked.rows();
    for (int i = 0; i < Math.min(TOP_HEADS, rows.size()); i++) {
      List<String> cells = new ArrayList<>(List.of("" + (i + 1), rows.get(i).target().label()));
      rows.get(i).means().forEach(mean -> cells.add(number(mean)));
      table.add(cells.toArray(String[]::new));
    }
    return String.join("\n", table.lines());
  }

  private static String beside(KnockOutTable table) {
    TextTable text =
        TextTable.of(
            "head",
            ">KL",
            ">log",
            ">TV",
            ">log",
            ">L2",
            ">log",
            ">dp(Mary)",
            ">log",
            ">dp(John)",
            ">log",
            ">dLD",
            ">log");
    for (PublishedKnockOut published : PublishedKnockOut.ranking()) {
      String head = AblationTarget.head(PublishedKnockOut.LAYER, published.head()).label();
      List<Double> here =
          table.rows().stream()
              .filter(row -> row.target().label().equals(head))
              .findFirst()
              .map(KnockOutTable.Row::means)
              .orElse(NOT_COMPUTED);
      text.add(
          head,
          number(here.get(KL)),
          number(published.kl()),
          number(here.get(TOTAL_VARIATION)),
          number(published.totalVariation()),
          number(here.get(L2)),
          number(published.l2()),
          number(here.get(IO)),
          number(published.probabilityOfIo()),
          number(here.get(S)),
          number(published.probabilityOfS()),
          number(here.get(LOGIT_DIFFERENCE)),
          number(published.logitDifference()));
    }
    return String.join("\n", text.lines())
        + "\nThe log's baseline was drawn without a seed, and it used no BOS (--no-bos).";
  }

  private static String number(double value) {
    return Double.isNaN(value) ? "." : String.format(Locale.ROOT, "%.4f", value);
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }
}
