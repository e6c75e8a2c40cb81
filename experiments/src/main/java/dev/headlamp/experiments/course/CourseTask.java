package dev.headlamp.experiments.course;

import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.Metric;
import dev.headlamp.hooks.Metrics;
import dev.headlamp.hooks.Positions;
import dev.headlamp.hooks.heads.TokenPositions;
import dev.headlamp.tokenizer.Bos;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The chapter's prompts as tokens of one model.
 *
 * @param prompts in pairs, of which each is the other's corrupted prompt
 * @param clean the prompts, {@code [prompt, pos]}
 * @param corrupted for each prompt the other of its pair: the same with the giver's name swapped
 */
public record CourseTask(List<CoursePrompt> prompts, TokenBatch clean, TokenBatch corrupted) {

  /** Copies the list. */
  public CourseTask {
    prompts = List.copyOf(prompts);
  }

  /**
   * Tokenizes prompts.
   *
   * @param prompts in pairs
   * @throws IllegalArgumentException if there is none
   * @throws IllegalStateException if the model has no tokenizer
   */
  public static CourseTask of(HookedGpt2 model, List<CoursePrompt> prompts, Bos bos) {
    if (prompts.isEmpty()) {
      throw new IllegalArgumentException("of the course's prompts none is left to run");
    }
    List<String> texts = prompts.stream().map(CoursePrompt::text).toList();
    List<String> swapped =
        IntStream.range(0, texts.size()).mapToObj(i -> texts.get(partner(i))).toList();
    return new CourseTask(prompts, model.toTokens(texts, bos), model.toTokens(swapped, bos));
  }

  private static int partner(int prompt) {
    return prompt % 2 == 0 ? prompt + 1 : prompt - 1;
  }

  /** Returns the token id of each prompt's right answer. */
  public int[] correct(HookedGpt2 model) {
    return ids(model, prompts.stream().map(CoursePrompt::correct).toList());
  }

  /** Returns the token id of each prompt's wrong answer. */
  public int[] incorrect(HookedGpt2 model) {
    return ids(model, prompts.stream().map(CoursePrompt::incorrect).toList());
  }

  private static int[] ids(HookedGpt2 model, List<String> names) {
    return names.stream().mapToInt(name -> model.tokenizer().toSingleToken(name)).toArray();
  }

  /** Returns logit[correct] − logit[incorrect]: the chapter's {@code logits_to_ave_logit_diff}. */
  public Metric logitDifference(HookedGpt2 model) {
    return Metrics.logitDifference(correct(model), incorrect(model));
  }

  /** Returns where the indirect object stands in each clean prompt. */
  public Positions indirectObject(HookedGpt2 model) {
    return TokenPositions.first(clean, correct(model));
  }

  /** Returns where the subject is introduced in each clean prompt. */
  public Positions subject1(HookedGpt2 model) {
    return TokenPositions.first(clean, incorrect(model));
  }

  /** Returns where the subject is said again in each clean prompt. */
  public Positions subject2(HookedGpt2 model) {
    return TokenPositions.last(clean, incorrect(model));
  }
}
