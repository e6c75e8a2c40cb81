package dev.headlamp.experiments.cli;

import dev.headlamp.engine.TokenBatch;
import java.util.Collections;
import java.util.List;

/**
 * What activation patching compares.
 *
 * @param clean the prompts with the behaviour
 * @param corrupted as many, each of as many tokens as its clean one
 * @param answers for each prompt the right answer's token
 * @param wrong for each prompt the wrong answer's token
 * @param origin where they come from, as reports say it
 */
record PatchPrompts(
    TokenBatch clean,
    TokenBatch corrupted,
    List<Integer> answers,
    List<Integer> wrong,
    String origin) {

  /**
   * @throws InputException if they do not belong together
   */
  PatchPrompts {
    if (clean.batch() != corrupted.batch()) {
      throw new InputException(
          "there are %d clean and %d corrupted prompts: each clean one needs its corrupted one"
              .formatted(clean.batch(), corrupted.batch()));
    }
    for (int i = 0; i < clean.batch(); i++) {
      if (clean.promptLength(i) != corrupted.promptLength(i)) {
        throw new InputException(
            "prompt %d has %d tokens clean and %d corrupted: patching goes position by position"
                .formatted(i + 1, clean.promptLength(i), corrupted.promptLength(i)));
      }
    }
    answers = forEach("right", answers, clean.batch());
    wrong = forEach("wrong", wrong, clean.batch());
    for (int i = 0; i < clean.batch(); i++) {
      if (answers.get(i).equals(wrong.get(i))) {
        throw new InputException(
            "prompt %d has token %d as its right and its wrong answer: they have no difference"
                .formatted(i + 1, answers.get(i)));
      }
    }
  }

  private static List<Integer> forEach(String kind, List<Integer> answers, int prompts) {
    if (answers.size() != 1 && answers.size() != prompts) {
      throw new InputException(
          "there are %d %s answers for %d prompts: give one for all, or one for each"
              .formatted(answers.size(), kind, prompts));
    }
    return answers.size() == 1
        ? Collections.nCopies(prompts, answers.get(0))
        : List.copyOf(answers);
  }

  int count() {
    return clean.batch();
  }
}
