package dev.headlamp.experiments.cli;

import dev.headlamp.engine.Generated;
import dev.headlamp.engine.GenerationSpec;
import dev.headlamp.engine.Sampling;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.recipe.AppliedRecipe;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Continues prompts. */
@Command(name = "run", description = "Generate: continue prompts, greedily or by chance.")
final class RunCommand implements Callable<Integer> {

  private final Terminal terminal;

  @Mixin private final ModelOptions model = new ModelOptions();

  @Mixin private final PromptOptions prompts = new PromptOptions();

  @Mixin private final AblationOptions ablation = new AblationOptions();

  @Option(
      names = {"-n", "--max-new-tokens"},
      paramLabel = "N",
      defaultValue = "20",
      description = "How many tokens to add at most. Default: ${DEFAULT-VALUE}.")
  private int maxNewTokens = 20;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      defaultValue = "0",
      description = "0 takes the most probable token; above, tokens are drawn. Default: 0.")
  private double temperature;

  @Option(
      names = "--top-k",
      paramLabel = "K",
      defaultValue = "0",
      description = "Draw among the K most probable tokens; 0 for all. Default: 0.")
  private int topK;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      defaultValue = "1",
      description = "Draw among the fewest tokens that reach probability P. Default: 1.")
  private double topP = 1;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Of the drawing. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(names = "--ignore-eos", description = "Go on behind the token that ends a text.")
  private boolean ignoreEos;

  @Option(names = "--json", description = "Print one JSON document, and nothing else, to stdout.")
  private boolean json;

  RunCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    GenerationSpec spec =
        InputException.blaming(
            () ->
                GenerationSpec.greedy(maxNewTokens)
                    .withSampling(new Sampling(temperature, topK, topP, seed)));
    try (HookedGpt2 hooked = model.load(terminal);
        AppliedRecipe applied = ablation.appliedTo(hooked)) {
      TokenBatch tokens = prompts.read(new PromptReader(hooked, prompts.bos()));
      requireRoom(hooked, tokens);
      Integer eos = hooked.config().eosTokenId();
      GenerationSpec stopping = ignoreEos || eos == null ? spec : spec.stoppingAt(eos);
      Generated generated =
          InputException.blaming(() -> hooked.generate(tokens, stopping, applied.hooks()));
      if (json) {
        new JsonDocument()
            .with("facts", ModelFacts.of(hooked))
            .with("prompts", documents(hooked, tokens, generated))
            .print(terminal.out());
      } else {
        for (int i = 0; i < tokens.batch(); i++) {
          terminal
              .out()
              .println(
                  text(hooked, tokens.prompt(i))
                      + terminal.bold(text(hooked, generated.tokens(i))));
        }
      }
      return ExitStatus.OK;
    }
  }

  private void requireRoom(HookedGpt2 model, TokenBatch tokens) {
    for (int i = 0; i < tokens.batch(); i++) {
      if ((long) tokens.promptLength(i) + maxNewTokens > model.config().nCtx()) {
        throw new InputException(
            "prompt %d has %d tokens and %d are to be added: %s sees at most %d"
                .formatted(
                    i + 1,
                    tokens.promptLength(i),
                    maxNewTokens,
                    model.config().name(),
                    model.config().nCtx()));
      }
    }
  }

  private static List<?> documents(HookedGpt2 model, TokenBatch tokens, Generated generated) {
    return IntStream.range(0, tokens.batch())
        .mapToObj(
            i ->
                new JsonDocument()
                    .with("tokens", Arrays.stream(tokens.prompt(i)).boxed().toList())
                    .with("new_tokens", generated.newTokens().get(i))
                    .with("new_text", text(model, generated.tokens(i)))
                    .fields())
        .toList();
  }

  /** Returns the text of tokens together; token by token if one of them has no text. */
  private static String text(HookedGpt2 model, int[] tokens) {
    boolean haveTexts =
        model.hasTokenizer() && Arrays.stream(tokens).allMatch(model.tokenizer()::hasToken);
    return haveTexts
        ? model.tokenizer().toText(tokens)
        : Arrays.stream(tokens)
            .mapToObj(id -> model.tokenText(id) + " ")
            .collect(Collectors.joining());
  }
}
