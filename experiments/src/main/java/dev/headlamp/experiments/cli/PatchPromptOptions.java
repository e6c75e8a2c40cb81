package dev.headlamp.experiments.cli;

import dev.headlamp.experiments.ioi.IoiPrompt;
import dev.headlamp.experiments.ioi.IoiPrompts;
import dev.headlamp.experiments.ioi.IoiWords;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.tokenizer.Bos;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/** Clean and corrupted prompts and their answers: texts, token ids, or drawn by a seed. */
final class PatchPromptOptions {

  private static final int MOST_PAIRS = 1000;

  @Option(names = "--clean", paramLabel = "TEXT", description = "A clean prompt; repeatable.")
  private List<String> clean = List.of();

  @Option(
      names = "--corrupted",
      paramLabel = "TEXT",
      description = "Its corrupted prompt, of as many tokens; repeatable.")
  private List<String> corrupted = List.of();

  @Option(
      names = "--answer",
      paramLabel = "TEXT",
      description = "The right answer, one token, such as \" Mary\"; one for all prompts or each.")
  private List<String> answers = List.of();

  @Option(
      names = "--wrong",
      paramLabel = "TEXT",
      description = "The wrong answer, one token; one for all prompts or each.")
  private List<String> wrong = List.of();

  @Option(
      names = "--clean-tokens",
      paramLabel = "IDS",
      converter = TokenIds.Converter.class,
      description = "As --clean, but token ids, taken as they are: 5,9,1.")
  private List<TokenIds> cleanTokens = List.of();

  @Option(
      names = "--corrupted-tokens",
      paramLabel = "IDS",
      converter = TokenIds.Converter.class,
      description = "As --corrupted, but token ids.")
  private List<TokenIds> corruptedTokens = List.of();

  @Option(
      names = "--answer-token",
      paramLabel = "ID",
      split = ",",
      description = "As --answer, but a token id.")
  private List<Integer> answerTokens = List.of();

  @Option(
      names = "--wrong-token",
      paramLabel = "ID",
      split = ",",
      description = "As --wrong, but a token id.")
  private List<Integer> wrongTokens = List.of();

  @Option(names = "--no-bos", description = "Put no beginning-of-sequence token in front of texts.")
  private boolean noBos;

  @Option(
      names = "--pairs",
      paramLabel = "N",
      defaultValue = "4",
      description = "Without prompts of your own: how many IOI pairs to draw. Default: 4.")
  private int pairs = 4;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Without prompts of your own: which IOI pairs to draw. Default: 1.")
  private long seed = 1;

  /**
   * Returns the prompts.
   *
   * @throws InputException if the options do not fit each other or the model
   */
  PatchPrompts read(HookedGpt2 model, Terminal terminal) {
    PromptReader reader = new PromptReader(model, noBos ? Bos.NONE : Bos.PREPEND);
    List<Given> texts =
        List.of(
            new Given("--clean", clean),
            new Given("--corrupted", corrupted),
            new Given("--answer", answers),
            new Given("--wrong", wrong));
    List<Given> tokens =
        List.of(
            new Given("--clean-tokens", cleanTokens),
            new Given("--corrupted-tokens", corruptedTokens),
            new Given("--answer-token", answerTokens),
            new Given("--wrong-token", wrongTokens));
    if (anyOf(texts) && anyOf(tokens)) {
      throw new InputException(
          "text and token ids cannot be mixed: use %s, or %s"
              .formatted(namesOf(texts), namesOf(tokens)));
    }
    if (anyOf(texts)) {
      requireAll(texts);
      PatchPrompts read = fromTexts(reader);
      reader.noteMissingSpaces(answers, terminal);
      reader.noteMissingSpaces(wrong, terminal);
      return read;
    }
    if (anyOf(tokens)) {
      requireAll(tokens);
      return fromIds(reader);
    }
    return drawn(reader);
  }

  /** An option and what was given with it. */
  private record Given(String option, List<?> values) {}

  private static boolean anyOf(List<Given> options) {
    return options.stream().anyMatch(given -> !given.values().isEmpty());
  }

  private static void requireAll(List<Given> options) {
    for (Given given : options) {
      if (given.values().isEmpty()) {
        throw new InputException(
            "%s is missing: %s belong together".formatted(given.option(), namesOf(options)));
      }
    }
  }

  private static String namesOf(List<Given> options) {
    return options.stream().map(Given::option).collect(Collectors.joining(", "));
  }

  private PatchPrompts fromTexts(PromptReader reader) {
    return new PatchPrompts(
        reader.texts("--clean", clean),
        reader.texts("--corrupted", corrupted),
        reader.answers("--answer", answers),
        reader.answers("--wrong", wrong),
        "given as text, " + bosOf(reader));
  }

  private PatchPrompts fromIds(PromptReader reader) {
    return new PatchPrompts(
        reader.ids("--clean-tokens", cleanTokens),
        reader.ids("--corrupted-tokens", corruptedTokens),
        reader.answerIds("--answer-token", answerTokens),
        reader.answerIds("--wrong-token", wrongTokens),
        "given as token ids, taken as they are");
  }

  private PatchPrompts drawn(PromptReader reader) {
    InputException.blaming(reader.model()::tokenizer);
    if (pairs < 1 || pairs > MOST_PAIRS) {
      throw new InputException(
          "--pairs must be 1 to %d, not %d: every patched run runs them all"
              .formatted(MOST_PAIRS, pairs));
    }
    IoiWords published = IoiWords.published();
    List<String> names =
        published.names().stream().filter(name -> reader.isSingleToken(" " + name)).toList();
    List<IoiPrompt> drawn =
        InputException.blaming(() -> IoiPrompts.drawAlike(published.withNames(names), pairs, seed));
    return new PatchPrompts(
        reader.texts("IOI prompt", drawn.stream().map(IoiPrompt::text).toList()),
        reader.texts(
            "IOI prompt",
            drawn.stream().map(IoiPrompt::withOtherAnswer).map(IoiPrompt::text).toList()),
        reader.answers("IOI name", drawn.stream().map(p -> " " + p.indirectObject()).toList()),
        reader.answers("IOI name", drawn.stream().map(p -> " " + p.subject1()).toList()),
        "IOI drawn with seed %d, subject swapped, %s".formatted(seed, bosOf(reader)));
  }

  private String bosOf(PromptReader reader) {
    return noBos ? "no BOS" : "BOS " + reader.model().tokenText(reader.model().tokenizer().bosId());
  }
}
