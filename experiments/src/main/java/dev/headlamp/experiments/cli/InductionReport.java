package dev.headlamp.experiments.cli;

import dev.headlamp.experiments.induction.Compensation;
import dev.headlamp.experiments.induction.RepetitionLoss;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.ablation.AblationTarget;
import dev.headlamp.hooks.heads.HeadScores;
import dev.headlamp.hooks.heads.HeadType;
import dev.headlamp.hooks.heads.RepeatedTokens;
import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.ColorScale;
import dev.headlamp.hooks.report.Heatmap;
import dev.headlamp.hooks.report.LabelledArray;
import dev.headlamp.hooks.report.ReportSection;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/** Puts what was found about induction heads into words, tables and pictures. */
final class InductionReport {

  private static final String READING =
      """
      Losses are means of -ln p in nats. The table's last three columns say by how much the loss on
      the second half rises: when the head alone is ablated, when all the others are ablated while
      it is intact, and when all the others are ablated besides it. If the last number is larger
      than the one before, the others do more when the head is gone: they make up for it.""";

  private InductionReport() {}

  /** What is known before anything is computed. */
  record Start(HookedGpt2 model, RepeatedTokens tokens, AblationKind ablation) {

    Map<String, String> facts() {
      Map<String, String> facts = ModelFacts.of(model);
      facts.put("tokens", tokens.toString());
      facts.put("ablation", "z of a head at all positions: " + ablation);
      return facts;
    }

    ExperimentReport with(
        HeadScores scores, String why, RepetitionLoss.Losses intact, Compensation found) {
      Map<String, String> facts = facts();
      facts.put("heads ablated", why);
      facts.put("loss, first half", number(intact.first()));
      facts.put("loss, second half", number(intact.second()));
      List<LabelledArray> arrays = new ArrayList<>();
      List<Heatmap> maps = new ArrayList<>();
      double highest = ColorScale.divergingOver(0, scores.scores()).high();
      for (HeadType type : HeadType.values()) {
        LabelledArray ofType = scores.of(type).named(type + " score");
        arrays.add(ofType);
        maps.add(Heatmap.of(ofType).withScale(ColorScale.sequential(0, highest)));
      }
      arrays.add(found.effects());
      arrays.add(found.pairs());
      arrays.add(losses(intact, found));
      boolean complete =
          arrays.stream().flatMapToDouble(LabelledArray::stream).noneMatch(Double::isNaN);
      return new ExperimentReport(
          "Induction heads: " + model.config().name(),
          facts,
          List.of(
              new ReportSection.Heatmaps("Scores of heads", maps),
              new ReportSection.Text("Highest scores", highest(scores)),
              new ReportSection.Text("The second half without them", table(scores, intact, found))),
          List.of(
              new ReportSection.Heatmaps(
                  "Rise of the loss by a second ablation; on the diagonal, by the first",
                  List.of(Heatmap.of(found.pairs()))),
              new ReportSection.Text("How to read this", READING),
              PublishedFigures.section(
                  model, checks -> checks.ofKind("head_scores", "repetition_ablation"))),
          arrays,
          complete);
    }

    private String highest(HeadScores scores) {
      TextTable table = TextTable.of("kind", "highest scores", ">even attention");
      for (HeadType type : HeadType.values()) {
        List<String> best =
            scores.of(type).top(5).stream()
                .map(
                    cell ->
                        "L%sH%s %s"
                            .formatted(
                                cell.labels().get(0), cell.labels().get(1), number(cell.value())))
                .toList();
        table.add(type.toString(), String.join("  ", best), number(even(type)));
      }
      return String.join("\n", table.lines());
    }

    /** Returns the score of a head that attends evenly to all it can see. */
    private double even(HeadType type) {
      int start = tokens.bos() == null ? 0 : 1;
      int first = type == HeadType.PREVIOUS_TOKEN ? start + 1 : start + tokens.length();
      return IntStream.range(first, start + 2 * tokens.length())
          .mapToDouble(pos -> 1.0 / (pos + 1))
          .average()
          .orElseThrow();
    }

    private static String table(
        HeadScores scores, RepetitionLoss.Losses intact, Compensation found) {
      TextTable table =
          TextTable.of("head", ">induction", ">alone", ">others, it intact", ">others, it ablated");
      LabelledArray induction = scores.of(HeadType.INDUCTION);
      for (AblationTarget head : found.components()) {
        AblationTarget.Site site = head.sites().get(0);
        LabelledArray effects = found.effects().slice("component", head.label());
        table.add(
            head.label(),
            number(induction.value(site.point().layer(), site.part().heads().get(0))),
            signed(effects.value(0)),
            signed(effects.value(1)),
            signed(effects.value(2)));
      }
      return """
          loss of the first half %s, of the second %s
          %s
          all together %s, the sum of each alone %s"""
          .formatted(
              number(intact.first()),
              number(intact.second()),
              String.join("\n", table.lines()),
              signed(found.together()),
              signed(found.sumOfEach()));
    }

    private static LabelledArray losses(RepetitionLoss.Losses intact, Compensation found) {
      return LabelledArray.of(
          "loss",
          "nats",
          List.of(
              Axis.of("what", "first half", "second half", "second half, all ablated together")),
          intact.first(),
          intact.second(),
          intact.second() + found.together());
    }

    private static String number(double value) {
      return String.format(Locale.ROOT, "%.3f", value);
    }

    private static String signed(double value) {
      return Double.isNaN(value) ? "." : String.format(Locale.ROOT, "%+.4f", value);
    }
  }
}
