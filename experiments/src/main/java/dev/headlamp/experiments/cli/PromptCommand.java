package dev.headlamp.experiments.cli;

import dev.headlamp.engine.RunSpec;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.NextToken;
import dev.headlamp.hooks.recipe.AppliedRecipe;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a model says of the token that follows a prompt. */
@Command(
    name = "prompt",
    description = "Test a prompt: the answer's rank, logit and probability, and the top tokens.")
final class PromptCommand implements Callable<Integer> {

  private final Terminal terminal;

  @Mixin private final ModelOptions model = new ModelOptions();

  @Mixin private final PromptOptions prompts = new PromptOptions();

  @Mixin private final AblationOptions ablation = new AblationOptions();

  @Option(
      names = "--answer",
      paramLabel = "TEXT",
      description = "A token to look up, such as \" Mary\"; repeatable.")
  private List<String> answers = List.of();

  @Option(
      names = "--answer-token",
      paramLabel = "ID",
      split = ",",
      description = "The id of a token to look up; repeatable.")
  private List<Integer> answerTokens = List.of();

  @Option(
      names = "--top",
      paramLabel = "N",
      defaultValue = "10",
      description = "How many of the most probable tokens to list. Default: ${DEFAULT-VALUE}.")
  private int top = 10;

  @Option(
      names = "--detect-nan",
      description = "Look for NaN at every point, and name the first that holds one.")
  private boolean detectNan;

  @Option(names = "--json", description = "Print one JSON document, and nothing else, to stdout.")
  private boolean json;

  PromptCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    if (top < 0) {
      throw new InputException("--top must be 0 or more, not " + top);
    }
    try (HookedGpt2 hooked = model.load(terminal);
        AppliedRecipe applied = ablation.appliedTo(hooked)) {
      PromptReader reader = new PromptReader(hooked, prompts.bos());
      TokenBatch tokens = prompts.read(reader);
      List<Integer> wanted =
          Stream.concat(
                  reader.answers("--answer", answers).stream(),
                  reader.answerIds("--answer-token", answerTokens).stream())
              .toList();
      reader.noteMissingSpaces(answers, terminal);
      List<Result> results = new ArrayList<>();
      List<NextToken> next =
          AnswerReadout.nextTokens(
              hooked,
              detectNan ? RunSpec.of(tokens).detectingNan() : RunSpec.of(tokens),
              applied.hooks());
      for (int i = 0; i < tokens.batch(); i++) {
        results.add(new Result(hooked, tokens, i, wanted, next.get(i)));
      }
      if (json) {
        new JsonDocument()
            .with("facts", ModelFacts.of(hooked))
            .with("prompts", results.stream().map(this::document).toList())
            .print(terminal.out());
      } else {
        results.forEach(this::print);
      }
      return ExitStatus.OK;
    }
  }

  /** One prompt, and what the model says of the token that follows it. */
  private record Result(
      HookedGpt2 model, TokenBatch tokens, int prompt, List<Integer> wanted, NextToken next) {

    List<NextToken.Candidate> answers() {
      return wanted.stream().map(next::candidate).toList();
    }
  }

  private Object document(Result result) {
    return new JsonDocument()
        .with("tokens", Arrays.stream(result.tokens().prompt(result.prompt())).boxed().toList())
        .with("texts", ModelFacts.tokenTexts(result.model(), result.tokens(), result.prompt()))
        .with("answers", documents(result, result.answers()))
        .with("top", documents(result, result.next().top(top)))
        .fields();
  }

  private static List<?> documents(Result result, List<NextToken.Candidate> candidates) {
    return candidates.stream().map(c -> JsonDocument.of(result.model(), c)).toList();
  }

  private void print(Result result) {
    List<String> texts = ModelFacts.tokenTexts(result.model(), result.tokens(), result.prompt());
    terminal.out().println(String.join(terminal.faint("|"), texts));
    if (!result.wanted().isEmpty()) {
      terminal.out().println();
      table("answer", result, result.answers()).print(terminal);
    }
    if (top > 0) {
      terminal.out().println();
      table("top", result, result.next().top(top)).print(terminal);
    }
    terminal.out().println();
  }

  private static TextTable table(
      String title, Result result, List<NextToken.Candidate> candidates) {
    TextTable table = TextTable.of(title, ">id", ">rank", ">logit", ">probability");
    for (NextToken.Candidate candidate : candidates) {
      table.add(
          ModelFacts.quoted(result.model(), candidate.token()),
          Integer.toString(candidate.token()),
          Integer.toString(candidate.rank()),
          String.format(Locale.ROOT, "%.3f", candidate.logit()),
          String.format(Locale.ROOT, "%.2f %%", 100 * candidate.probability()));
    }
    return table;
  }
}
