package dev.headlamp.experiments.cli;

import dev.headlamp.engine.RunSpec;
import dev.headlamp.experiments.course.CourseAttention;
import dev.headlamp.experiments.course.CourseAttribution;
import dev.headlamp.experiments.course.CoursePatching;
import dev.headlamp.experiments.course.CoursePrompt;
import dev.headlamp.experiments.course.CourseTask;
import dev.headlamp.experiments.course.FoundHead;
import dev.headlamp.experiments.course.HeadFactors;
import dev.headlamp.hooks.ActivationPatching.Direction;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.NextToken;
import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.Heatmap;
import dev.headlamp.hooks.report.LabelledArray;
import dev.headlamp.hooks.report.ReportSection;
import dev.headlamp.hooks.report.TokenRow;
import dev.headlamp.hooks.report.attention.AttentionPatterns;
import dev.headlamp.hooks.report.plots.LinePlot;
import dev.headlamp.tokenizer.Bos;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Tells the chapter in its order: the model, the task, attribution, attention, patching.
 *
 * @param asLoaded the model as its checkpoint has it, which published figures are compared with
 * @param model the model with its weights processed
 */
record CourseReport(HookedGpt2 asLoaded, HookedGpt2 model, CourseTask task, Bos bos) {

  private static final String FIRST_PROMPT =
      "After John and Mary went to the store, John gave a bottle of milk to";

  private static final int TOP_TOKENS = 10;
  private static final int HEADS_OF_EACH_SIGN = 3;

  ExperimentReport of(
      Map<String, String> facts, CourseAttribution attribution, CoursePatching patching) {
    List<AnswerReadout> readouts =
        AnswerReadout.of(
            model, task.clean(), boxed(task.correct(model)), boxed(task.incorrect(model)));
    List<FoundHead> found = FoundHead.strongest(attribution, HEADS_OF_EACH_SIGN);
    HeadFactors factors = HeadFactors.of(model, 0, 0);
    AttentionPatterns attention = CourseAttention.inFirst(model, task.clean());
    Heatmap byHead = Heatmap.of(attribution.byHead());
    List<Heatmap> patchedHeads = patched(patching, patching.heads());
    List<Heatmap> patchedBlocks = patched(patching, patching.blocks());
    return new ExperimentReport(
        "Indirect object identification, the course chapter: " + model.config().name(),
        facts,
        List.of(
            new ReportSection.Text("Logit differences", differences(readouts)),
            new ReportSection.Text("Heads found by direct logit attribution", heads(found)),
            new ReportSection.Heatmaps(
                "Heads: direct attribution, and patching their output",
                List.of(byHead, patchedHeads.get(0)))),
        List.of(
            new ReportSection.Text("1. The model: its attention factors", factors(factors)),
            new ReportSection.Heatmaps(
                "1. The model: columns of W_Q and W_K of head 0.0, biases included",
                List.of(Heatmap.of(factors.squaredNorms()), Heatmap.of(factors.dotProducts()))),
            new ReportSection.Text("1. The model: one prompt", firstPrompt()),
            new ReportSection.Prompts("2. The task: eight prompts, token by token", rows()),
            new ReportSection.Text("2. The task: names as tokens", names()),
            new ReportSection.Figures(
                "3. Direct logit attribution: accumulated, and by layer",
                List.of(
                    LinePlot.of(attribution.accumulated()), LinePlot.of(attribution.byLayer()))),
            new ReportSection.Heatmaps("3. Direct logit attribution: heads", List.of(byHead)),
            new ReportSection.Figures("4. Attention: every head", List.of(attention)),
            new ReportSection.Heatmaps(
                "4. Attention: the heads found",
                found.stream()
                    .map(
                        head ->
                            attention.heatmap(
                                Integer.toString(head.layer()), Integer.toString(head.head())))
                    .toList()),
            new ReportSection.Heatmaps(
                "5. Activation patching: clean values into corrupted prompts, by position",
                patchedBlocks),
            new ReportSection.Heatmaps(
                "5. Activation patching: heads, at all positions", patchedHeads),
            PublishedFigures.section(
                asLoaded,
                checks ->
                    checks.from(
                        "ARENA course",
                        "TransformerLens, patching demo",
                        "TransformerLens, exploratory analysis demo"))),
        arrays(readouts, attribution, patching, factors),
        Stream.of(patching.blocks(), patching.heads())
            .flatMapToDouble(LabelledArray::stream)
            .noneMatch(Double::isNaN));
  }

  private List<LabelledArray> arrays(
      List<AnswerReadout> readouts,
      CourseAttribution attribution,
      CoursePatching patching,
      HeadFactors factors) {
    return List.of(
        LabelledArray.of(
            "logit difference",
            "logits",
            List.of(Axis.numbered("prompt", readouts.size())),
            readouts.stream().mapToDouble(AnswerReadout::logitDifference).toArray()),
        attribution.accumulated(),
        attribution.byLayer(),
        attribution.byHead(),
        attribution.attention(),
        patching.blocks(),
        patching.heads(),
        factors.squaredNorms(),
        factors.dotProducts());
  }

  private static List<Integer> boxed(int[] ids) {
    return IntStream.of(ids).boxed().toList();
  }

  private String differences(List<AnswerReadout> readouts) {
    TextTable table = TextTable.of("prompt", "correct", "incorrect", ">logit difference");
    for (int i = 0; i < readouts.size(); i++) {
      CoursePrompt prompt = task.prompts().get(i);
      table.add(
          prompt.text(),
          "'" + prompt.correct() + "'",
          "'" + prompt.incorrect() + "'",
          number(readouts.get(i).logitDifference()));
    }
    table.add("mean", "", "", number(AnswerReadout.meanLogitDifference(readouts)));
    return String.join("\n", table.lines());
  }

  private static String heads(List<FoundHead> found) {
    TextTable table = TextTable.of("head", ">logits", ">END to IO", ">to S1", ">to S2");
    for (FoundHead head : found) {
      table.add(
          head.name(),
          String.format(Locale.ROOT, "%+.3f", head.attribution()),
          number(head.toIo()),
          number(head.toS1()),
          number(head.toS2()));
    }
    return String.join("\n", table.lines());
  }

  private String factors(HeadFactors factors) {
    return """
        weight processing: %s
        head 0.0, biases included as one more row:
        norms of a column of W_Q and of W_K differ by at most %.2e of the largest
        two columns of W_Q have a dot product of at most %.2e of the largest with itself"""
        .formatted(
            model.processing(), factors.largestNormDifference(), factors.largestDotProduct());
  }

  private String firstPrompt() {
    PromptReader reader = new PromptReader(model, bos);
    RunSpec spec = RunSpec.of(reader.texts("prompt", List.of(FIRST_PROMPT)));
    NextToken next = AnswerReadout.nextTokens(model, spec, model.newHooks()).get(0);
    TextTable table = TextTable.of(FIRST_PROMPT, ">rank", ">logit", ">probability");
    for (NextToken.Candidate candidate : next.top(TOP_TOKENS)) {
      table.add(
          ModelFacts.quoted(model, candidate.token()),
          Integer.toString(candidate.rank()),
          String.format(Locale.ROOT, "%.2f", candidate.logit()),
          String.format(Locale.ROOT, "%.2f %%", 100 * candidate.probability()));
    }
    return String.join("\n", table.lines());
  }

  private List<TokenRow> rows() {
    return IntStream.range(0, task.prompts().size())
        .mapToObj(
            i ->
                TokenRow.of(Integer.toString(i + 1), ModelFacts.tokenTexts(model, task.clean(), i))
                    .markingDifferencesFrom(ModelFacts.tokenTexts(model, task.corrupted(), i)))
        .toList();
  }

  /** Shows that a name is another token, or several, without the space before it. */
  private String names() {
    TextTable table = TextTable.of("with a space", ">id", "without it");
    task.prompts().stream()
        .map(CoursePrompt::correct)
        .distinct()
        .forEach(
            name ->
                table.add(
                    "'" + name + "'",
                    Integer.toString(model.tokenizer().toSingleToken(name)),
                    model
                        .tokenizer()
                        .toTokenTexts(model.tokenizer().toTokens(name.strip(), Bos.NONE))
                        .toString()));
    return String.join("\n", table.lines());
  }

  /** Returns one heat map for each activation, 0 as corrupted and 1 as clean. */
  private static List<Heatmap> patched(CoursePatching patching, LabelledArray stacked) {
    Optional<Normalisation> scale =
        Normalisation.of(Direction.DENOISING, patching.clean(), patching.corrupted());
    List<Heatmap> maps = new ArrayList<>();
    for (String activation : stacked.axis("activation").labels()) {
      LabelledArray raw = stacked.slice("activation", activation).named("patching " + activation);
      maps.add(
          scale
              .map(s -> Heatmap.of(s.apply(raw)).withTitle(raw.name()))
              .orElseGet(() -> Heatmap.of(raw)));
    }
    return maps;
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }
}
