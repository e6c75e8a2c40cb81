package dev.headlamp.experiments.cli;

import dev.headlamp.hooks.ActivationPatching;
import dev.headlamp.hooks.ActivationPatching.Direction;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.Metric;
import dev.headlamp.hooks.Metrics;
import dev.headlamp.hooks.PatchSweep;
import dev.headlamp.hooks.report.LabelledArray;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Activation patching over heads and positions. */
@Command(
    name = "patch",
    description = {
      "Activation patching: which heads and positions carry a behaviour?",
      "Runs the corrupted prompts again and again, each time with one activation of the clean run"
          + " put in, and shows how much of the logit difference between the right and the wrong"
          + " answer that restores. Writes patching.png, patching.csv and patching.html."
    })
final class PatchCommand implements Callable<Integer> {

  private final Terminal terminal;

  @Mixin private final ModelOptions model = new ModelOptions();

  @Mixin private final PatchPromptOptions prompts = new PatchPromptOptions();

  @Mixin private final OutputOptions output = new OutputOptions();

  @Option(
      names = "--points",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "z,resid_pre",
      description = {
        "What to patch: z, q, k, v, pattern and other points with heads are swept by layer and"
            + " head; resid_pre, resid_mid, attn_out, mlp_out and others by layer and position."
            + " Default: ${DEFAULT-VALUE}."
      })
  private List<String> points = List.of();

  @Option(
      names = "--noising",
      description = "The other direction: corrupted activations into the clean run.")
  private boolean noising;

  PatchCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    List<PatchSweep> sweeps = PatchPoints.sweeps(points);
    OutputFolder folder = output.folderFor(PatchFiles.PNG, PatchFiles.CSV, PatchFiles.HTML);
    try (HookedGpt2 hooked = model.load(output.forPeople(terminal))) {
      PatchPrompts pairs = prompts.read(hooked, terminal);
      PatchReport unpatched =
          new PatchReport(
              hooked,
              pairs,
              noising ? Direction.NOISING : Direction.DENOISING,
              AnswerReadout.of(hooked, pairs.clean(), pairs.answers(), pairs.wrong()),
              AnswerReadout.of(hooked, pairs.corrupted(), pairs.answers(), pairs.wrong()),
              List.of());
      PatchText text = new PatchText(output.forPeople(terminal));
      try (Interruption interruption = Interruption.listen()) {
        text.printStart(unpatched);
        PatchReport report = unpatched.withSweeps(run(unpatched, sweeps, interruption));
        List<Path> files = PatchFiles.write(report, folder);
        text.printResult(report, files);
        if (output.json()) {
          PatchJson.of(report, files).print(terminal.out());
        }
        return report.isComplete() ? ExitStatus.OK : ExitStatus.INTERRUPTED;
      }
    }
  }

  private List<LabelledArray> run(
      PatchReport report, List<PatchSweep> sweeps, Interruption interruption) {
    List<LabelledArray> results = new ArrayList<>();
    try (ActivationPatching patching = patching(report)) {
      for (PatchSweep sweep : sweeps) {
        try (SweepProgress progress =
            new SweepProgress(sweep.title(), output.forPeople(terminal), interruption)) {
          results.add(patching.run(sweep, progress));
        }
      }
    }
    return results;
  }

  private static ActivationPatching patching(PatchReport report) {
    PatchPrompts prompts = report.prompts();
    Metric metric =
        Metrics.logitDifference(
            prompts.answers().stream().mapToInt(Integer::intValue).toArray(),
            prompts.wrong().stream().mapToInt(Integer::intValue).toArray());
    return switch (report.direction()) {
      case DENOISING ->
          ActivationPatching.denoising(
              report.model(), prompts.clean(), prompts.corrupted(), metric);
      case NOISING ->
          ActivationPatching.noising(report.model(), prompts.clean(), prompts.corrupted(), metric);
    };
  }
}
