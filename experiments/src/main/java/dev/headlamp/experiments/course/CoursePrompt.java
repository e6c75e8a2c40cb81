package dev.headlamp.experiments.course;

import dev.headlamp.tokenizer.Bos;
import dev.headlamp.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A prompt of the chapter. They come in pairs of the same text but for who gives, whose answers are
 * swapped.
 *
 * @param text such as {@code When John and Mary went to the shops, John gave the bag to}
 * @param correct the name that continues it, with the space before it
 * @param incorrect the name of who gives, with the space before it
 */
public record CoursePrompt(String text, String correct, String incorrect) {

  private static final List<String> FORMATS =
      List.of(
          "When John and Mary went to the shops,%s gave the bag to",
          "When Tom and James went to the park,%s gave the ball to",
          "When Dan and Sid went to the shops,%s gave an apple to",
          "After Martin and Amy went to the park,%s gave a drink to");

  private static final List<List<String>> NAMES =
      List.of(
          List.of(" Mary", " John"),
          List.of(" Tom", " James"),
          List.of(" Dan", " Sid"),
          List.of(" Martin", " Amy"));

  /** Returns the chapter's eight prompts, in its order. */
  public static List<CoursePrompt> published() {
    List<CoursePrompt> prompts = new ArrayList<>();
    for (int i = 0; i < FORMATS.size(); i++) {
      String first = NAMES.get(i).get(0);
      String second = NAMES.get(i).get(1);
      prompts.add(new CoursePrompt(FORMATS.get(i).formatted(second), first, second));
      prompts.add(new CoursePrompt(FORMATS.get(i).formatted(first), second, first));
    }
    return List.copyOf(prompts);
  }

  /** Returns the names of some prompts that are not one token. */
  public static List<String> unknownNames(List<CoursePrompt> prompts, Tokenizer tokenizer) {
    return prompts.stream()
        .flatMap(prompt -> Stream.of(prompt.correct(), prompt.incorrect()))
        .distinct()
        .filter(name -> tokenizer.countTokens(name, Bos.NONE) != 1)
        .toList();
  }

  /** Returns those of some prompts that speak of none of the names. */
  public static List<CoursePrompt> without(List<CoursePrompt> prompts, List<String> names) {
    return prompts.stream()
        .filter(prompt -> !names.contains(prompt.correct()) && !names.contains(prompt.incorrect()))
        .toList();
  }
}
