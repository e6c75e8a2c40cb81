package dev.headlamp.experiments.cli;

import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.experiments.circuit.Circuit;
import dev.headlamp.experiments.circuit.CircuitFile;
import dev.headlamp.experiments.circuit.CircuitProposal;
import dev.headlamp.experiments.circuit.study.Section;
import dev.headlamp.experiments.circuit.study.StudySettings;
import dev.headlamp.experiments.circuit.validation.GreedySearch;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which circuit, and what is asked of it. */
final class CircuitOptions {

  private static final String PAPER = "paper";
  private static final String NAIVE = "naive";
  private static final String PROPOSED = "proposed";

  /** More would say nothing more, and take very long. */
  private static final int MOST_PROMPTS = 10_000;

  @Option(
      names = "--circuit",
      paramLabel = "CIRCUIT",
      description = {
        "paper: the 26 heads of gpt2; naive: the paper's 13; proposed: found by ablation; or a"
            + " file. Default: paper for gpt2, otherwise proposed.",
        "A proposed circuit grows from nothing: the heads that matter most when knocked out by"
            + " themselves are tried first, and the one that brings F(C) nearest to F(M) is added,"
            + " until the share of --target is reached or half of the heads are in."
      })
  private @Nullable String circuit;

  @Option(
      names = "--only",
      paramLabel = "SECTION",
      split = ",",
      description = {
        "Sections to compute: paths, faithfulness, completeness, minimality, copying, attention,"
            + " signals, backups, mlps, adversarial. Default: all."
      })
  private List<String> only = List.of();

  @Option(
      names = "--size",
      paramLabel = "N",
      defaultValue = "100",
      description = "How many prompts, 1 to 10000. Default: ${DEFAULT-VALUE}.")
  private int size = 100;

  @Option(
      names = "--target",
      paramLabel = "SHARE",
      defaultValue = "0.8",
      description = {
        "The share of the logit difference that a proposed circuit is to reach. Default:"
            + " ${DEFAULT-VALUE}."
      })
  private double target = 0.8;

  @Option(
      names = "--least-effect",
      paramLabel = "SHARE",
      defaultValue = "0.02",
      description = {
        "The share of the logit difference from which on path patching names a head. Default:"
            + " ${DEFAULT-VALUE}."
      })
  private double leastEffect = 0.02;

  @Option(
      names = "--random-sets",
      paramLabel = "N",
      defaultValue = "10",
      description = "Random sets for completeness. Default: ${DEFAULT-VALUE}.")
  private int randomSets = 10;

  @Option(
      names = "--greedy-runs",
      paramLabel = "N",
      defaultValue = "10",
      description = "Greedy searches for completeness. Default: ${DEFAULT-VALUE}.")
  private int greedyRuns = 10;

  @Option(
      names = "--greedy-steps",
      paramLabel = "N",
      defaultValue = "10",
      description = "Steps of a greedy search. Default: ${DEFAULT-VALUE}.")
  private int greedySteps = 10;

  @Option(
      names = "--greedy-candidates",
      paramLabel = "N",
      defaultValue = "10",
      description = "Heads tried in a step. Default: ${DEFAULT-VALUE}.")
  private int greedyCandidates = 10;

  /**
   * Returns how many prompts to draw.
   *
   * @throws InputException if none, or too many
   */
  int size() {
    if (size < 1 || size > MOST_PROMPTS) {
      throw new InputException("--size must be 1 to %d, not %d".formatted(MOST_PROMPTS, size));
    }
    return size;
  }

  /**
   * Returns how much to compute.
   *
   * @throws InputException if a number is out of range
   */
  StudySettings settings(long seed) {
    size();
    rule();
    return InputException.blaming(
        () ->
            new StudySettings(
                seed,
                leastEffect,
                randomSets,
                new GreedySearch(greedyRuns, greedySteps, greedyCandidates)));
  }

  /**
   * Returns when a proposed circuit is done.
   *
   * @throws InputException if the target is out of range
   */
  CircuitProposal.Rule rule() {
    CircuitProposal.Rule defaults = CircuitProposal.Rule.defaults();
    return InputException.blaming(
        () -> new CircuitProposal.Rule(target, defaults.mostHeads(), defaults.candidates()));
  }

  /**
   * Returns the sections in their own order.
   *
   * @throws InputException if there is none of a name
   */
  List<Section> sections() {
    if (only.isEmpty()) {
      return List.of(Section.values());
    }
    List<Section> wanted = InputException.blaming(() -> only.stream().map(Section::parse).toList());
    return Arrays.stream(Section.values()).filter(wanted::contains).toList();
  }

  /**
   * Returns the circuit that was asked for; none if one is to be proposed.
   *
   * @throws InputException if the file cannot be read, or the model has not every head
   */
  Optional<Circuit> circuit(Gpt2Config config) {
    String name = circuit != null ? circuit : config.name().equals("gpt2") ? PAPER : PROPOSED;
    return InputException.blaming(
        () ->
            switch (name) {
              case PROPOSED -> Optional.empty();
              case PAPER -> Optional.of(CircuitFile.ofThePaper().checkedFor(config));
              case NAIVE -> Optional.of(CircuitFile.naive().checkedFor(config));
              default -> Optional.of(CircuitFile.read(Path.of(name)).checkedFor(config));
            });
  }
}
