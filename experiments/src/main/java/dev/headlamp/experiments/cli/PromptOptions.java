package dev.headlamp.experiments.cli;

import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.tokenizer.Bos;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prompts as texts or as token ids. */
final class PromptOptions {

  @Parameters(paramLabel = "TEXT", arity = "0..*", description = "A prompt; several are a batch.")
  private List<String> texts = List.of();

  @Option(
      names = "--tokens",
      paramLabel = "IDS",
      converter = TokenIds.Converter.class,
      description = "A prompt as token ids, taken as they are: 5,9,1; repeatable.")
  private List<TokenIds> tokens = List.of();

  @Option(names = "--no-bos", description = "Put no beginning-of-sequence token in front of texts.")
  private boolean noBos;

  Bos bos() {
    return noBos ? Bos.NONE : Bos.PREPEND;
  }

  /**
   * Returns the prompts.
   *
   * @throws InputException if there is none, or one does not fit the model
   */
  TokenBatch read(PromptReader reader) {
    if (!texts.isEmpty() && !tokens.isEmpty()) {
      throw new InputException("text and token ids cannot be mixed: give texts, or --tokens");
    }
    if (texts.isEmpty() && tokens.isEmpty()) {
      throw new InputException("no prompt: give a text, or --tokens with token ids");
    }
    return texts.isEmpty() ? reader.ids("--tokens", tokens) : reader.texts("prompt", texts);
  }

  /** Returns how the prompts were given, as reports say it. */
  String described(HookedGpt2 model) {
    if (texts.isEmpty()) {
      return "given as token ids, taken as they are";
    }
    return "given as text, " + ModelFacts.bos(model, bos());
  }
}
