package dev.headlamp.experiments.cli;

import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.tokenizer.Bos;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * Turns what was typed into tokens that a model takes, or says what is wrong with it.
 *
 * @param model the model
 * @param bos whether texts get a beginning-of-sequence token
 */
record PromptReader(HookedGpt2 model, Bos bos) {

  /**
   * Returns texts as tokens.
   *
   * @param option where they come from, for errors
   */
  TokenBatch texts(String option, List<String> texts) {
    List<int[]> prompts = new ArrayList<>();
    for (String text : texts) {
      if (text.isEmpty()) {
        throw new InputException(
            "%s %d is empty: it needs at least one token".formatted(option, prompts.size() + 1));
      }
      prompts.add(InputException.blaming(() -> model.tokenizer().toTokens(text, bos)));
    }
    return checked(option, prompts);
  }

  /**
   * Returns token ids, as they are.
   *
   * @param option where they come from, for errors
   */
  TokenBatch ids(String option, List<TokenIds> ids) {
    return checked(option, ids.stream().map(TokenIds::toArray).toList());
  }

  private TokenBatch checked(String option, List<int[]> prompts) {
    for (int i = 0; i < prompts.size(); i++) {
      int length = prompts.get(i).length;
      if (length > model.config().nCtx()) {
        throw new InputException(
            "%s %d has %d tokens: %s sees at most %d"
                .formatted(option, i + 1, length, model.config().name(), model.config().nCtx()));
      }
      for (int id : prompts.get(i)) {
        checkedId(option + " " + (i + 1), id);
      }
    }
    return TokenBatch.of(prompts.toArray(int[][]::new));
  }

  /** Returns the ids of texts that are one token each. */
  List<Integer> answers(String option, List<String> texts) {
    return texts.stream().map(text -> checkedId(option, singleToken(option, text))).toList();
  }

  /** Says of each answer that begins like a word, but without the space, how it is taken. */
  void noteMissingSpaces(List<String> answers, Terminal terminal) {
    for (String answer : new LinkedHashSet<>(answers)) {
      if (Character.isLetter(answer.codePointAt(0)) && isSingleToken(" " + answer)) {
        terminal
            .err()
            .printf(
                "headlamp: '%s' is taken without a space in front; within a text it is ' %s'%n",
                answer, answer);
      }
    }
  }

  /** Returns ids of answers. */
  List<Integer> answerIds(String option, List<Integer> ids) {
    return ids.stream().map(id -> checkedId(option, id)).toList();
  }

  private int singleToken(String option, String text) {
    try {
      return InputException.blaming(() -> model.tokenizer().toSingleToken(text));
    } catch (InputException e) {
      String hint = isSingleToken(" " + text) ? "; with a space in front it is one" : "";
      throw new InputException(option + ": " + e.getMessage() + hint);
    }
  }

  /** Returns whether a text is one token of this model, which then has a tokenizer. */
  boolean isSingleToken(String text) {
    return model.hasTokenizer() && model.tokenizer().toTokens(text, Bos.NONE).length == 1;
  }

  private int checkedId(String place, int id) {
    try {
      return model.config().checkToken(id);
    } catch (IllegalArgumentException e) {
      throw new InputException(place + ": " + e.getMessage());
    }
  }
}
