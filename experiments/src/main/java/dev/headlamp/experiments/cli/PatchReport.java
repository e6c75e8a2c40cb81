package dev.headlamp.experiments.cli;

import dev.headlamp.hooks.ActivationPatching.Direction;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.report.Heatmap;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What activation patching found; the terminal, the files and the JSON all speak from it.
 *
 * @param model the model, for its names and its tokens' texts
 * @param prompts what was compared
 * @param direction what was patched into what
 * @param clean what the unpatched model says after each clean prompt
 * @param corrupted what it says after each corrupted prompt
 * @param sweeps for each sweep the mean logit difference of every patched run
 */
record PatchReport(
    HookedGpt2 model,
    PatchPrompts prompts,
    Direction direction,
    List<AnswerReadout> clean,
    List<AnswerReadout> corrupted,
    List<LabelledArray> sweeps) {

  PatchReport withSweeps(List<LabelledArray> results) {
    return new PatchReport(model, prompts, direction, clean, corrupted, List.copyOf(results));
  }

  /** Returns whether no sweep was cut short. */
  boolean isComplete() {
    return sweeps.stream().flatMapToDouble(LabelledArray::stream).noneMatch(Double::isNaN);
  }

  /** Returns how many patched runs were computed, and how many there are. */
  String progress() {
    long done =
        sweeps.stream()
            .flatMapToDouble(LabelledArray::stream)
            .filter(value -> !Double.isNaN(value))
            .count();
    return "%d of %d".formatted(done, sweeps.stream().mapToInt(LabelledArray::size).sum());
  }

  Optional<Normalisation> normalisation() {
    return Normalisation.of(direction, meanClean(), meanCorrupted());
  }

  double meanClean() {
    return AnswerReadout.meanLogitDifference(clean);
  }

  double meanCorrupted() {
    return AnswerReadout.meanLogitDifference(corrupted);
  }

  /** Returns the sweeps on the scale of {@link #normalisation}; none if there is no scale. */
  List<LabelledArray> normalised() {
    return normalisation().stream().flatMap(scale -> sweeps.stream().map(scale::apply)).toList();
  }

  /** Returns the raw results, then the normalised ones. */
  List<LabelledArray> arrays() {
    return Stream.concat(sweeps.stream(), normalised().stream()).toList();
  }

  /** Returns the pictures: on the normalised scale, or of the raw values if there is none. */
  List<Heatmap> heatmaps() {
    return normalisation().isEmpty()
        ? sweeps.stream().map(Heatmap::of).toList()
        : normalised().stream().map(array -> Heatmap.of(array).withTitle(title(array))).toList();
  }

  private static String title(LabelledArray normalised) {
    return normalised.name().substring(0, normalised.name().lastIndexOf(','));
  }

  /** Returns what is to be known of the run, in the order to show it. */
  Map<String, String> facts() {
    Map<String, String> facts = ModelFacts.of(model);
    facts.put(
        "prompts",
        "%d %s of %d tokens, %s"
            .formatted(
                prompts.count(),
                prompts.count() == 1 ? "pair" : "pairs",
                prompts.clean().length(),
                prompts.origin()));
    facts.put("direction", direction.name().toLowerCase(Locale.ROOT));
    facts.put("metric", "mean over the prompts of logit[answer] - logit[wrong]");
    facts.put("clean mean", String.format(Locale.ROOT, "%.4f", meanClean()));
    facts.put("corrupted mean", String.format(Locale.ROOT, "%.4f", meanCorrupted()));
    if (normalisation().isEmpty()) {
      facts.put("scale", "raw logit differences, for the clean and the corrupted mean are equal");
    }
    if (!sweeps.isEmpty() && !isComplete()) {
      facts.put("interrupted", progress() + " patched runs were computed, the rest is absent");
    }
    return facts;
  }
}
