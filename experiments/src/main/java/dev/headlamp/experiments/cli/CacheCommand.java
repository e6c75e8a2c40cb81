package dev.headlamp.experiments.cli;

import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.recipe.AppliedRecipe;
import dev.headlamp.weights.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes what the points of a run held to a file. */
@Command(
    name = "cache",
    description = {
      "Run prompts and keep what the model held inside.",
      "Writes activations.safetensors: each activation under its hook point's name, the logits as"
          + " 'logits', the token ids as 'tokens'; shorter prompts are padded on the right."
    })
final class CacheCommand implements Callable<Integer> {

  private static final String FILE = "activations.safetensors";

  private final Terminal terminal;

  @Mixin private final ModelOptions model = new ModelOptions();

  @Mixin private final PromptOptions prompts = new PromptOptions();

  @Mixin private final AblationOptions ablation = new AblationOptions();

  @Mixin private final OutputOptions output = new OutputOptions();

  @Option(
      names = "--points",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "default",
      description = {
        "What to keep: all; default (what TransformerLens keeps without a flag); an activation in"
            + " every layer, such as z; or one point, such as blocks.3.attn.hook_z."
      })
  private List<String> points = List.of();

  CacheCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    Path file = output.folderFor(FILE).file(FILE);
    try (HookedGpt2 hooked = model.load(output.forPeople(terminal));
        AppliedRecipe applied = ablation.appliedTo(hooked)) {
      TokenBatch tokens = prompts.read(new PromptReader(hooked, prompts.bos()));
      CacheSpec keep = CachePoints.of(points, hooked.config());
      try (CachedRun run =
          InputException.blaming(() -> hooked.runWithCache(tokens, keep, applied.hooks()))) {
        if (Double.isNaN(run.logits().sumNumber().doubleValue())) {
          throw InputException.notNumbers(hooked.config().name());
        }
        SafetensorsWriter.write(file, arrays(run), metadata(hooked, tokens));
        report(hooked, run, file);
      }
      return ExitStatus.OK;
    }
  }

  private static Map<String, INDArray> arrays(CachedRun run) {
    Map<String, INDArray> arrays = new LinkedHashMap<>();
    arrays.put("tokens", ids(run.cache().tokens()));
    arrays.put("logits", run.logits());
    run.cache().points().forEach(point -> arrays.put(point.name(), run.cache().get(point)));
    return arrays;
  }

  private static INDArray ids(TokenBatch tokens) {
    long[][] ids = new long[tokens.batch()][tokens.length()];
    for (int prompt = 0; prompt < ids.length; prompt++) {
      int of = prompt;
      Arrays.setAll(ids[prompt], pos -> tokens.id(of, pos));
    }
    return Nd4j.createFromArray(ids);
  }

  private static Map<String, String> metadata(HookedGpt2 model, TokenBatch tokens) {
    Map<String, String> metadata = ModelFacts.of(model);
    metadata.put(
        "prompt lengths",
        IntStream.range(0, tokens.batch())
            .mapToObj(prompt -> Integer.toString(tokens.promptLength(prompt)))
            .collect(Collectors.joining(",")));
    return metadata;
  }

  private void report(HookedGpt2 model, CachedRun run, Path file) {
    Terminal people = output.forPeople(terminal);
    TextTable table = TextTable.of("point", "axes", "shape");
    for (HookPoint point : run.cache().points()) {
      table.add(
          point.name(),
          point.activation().shapeText(),
          Arrays.toString(run.cache().get(point).shape()));
    }
    table.print(people);
    people.out().printf("%nwrote %s%n", file);
    if (output.json()) {
      new JsonDocument()
          .with("facts", ModelFacts.of(model))
          .with("points", run.cache().points().stream().map(HookPoint::name).toList())
          .with("files", List.of(file.toString()))
          .print(terminal.out());
    }
  }
}
