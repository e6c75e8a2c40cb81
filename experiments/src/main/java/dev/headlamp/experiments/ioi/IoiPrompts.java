package dev.headlamp.experiments.ioi;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.regex.Matcher;

/** Draws IOI prompts. */
public final class IoiPrompts {

  private static final String SUBJECT = "[B]";
  private static final String INDIRECT_OBJECT = "[A]";

  private final IoiWords words;
  private final SplittableRandom random;

  private IoiPrompts(IoiWords words, long seed) {
    this.words = words;
    this.random = new SplittableRandom(seed);
  }

  /** Returns the names that prompts speak of, without a space before them. */
  public static List<String> names() {
    return IoiWords.read().names();
  }

  /**
   * Draws pairs that are alike token by token: one template, one place and one object for all, so
   * that a position means the same in each, and names of one token. Each two pairs in a row share
   * their names, and introduce them in either order (BABA, then ABBA).
   *
   * @param count how many pairs, at least 1
   * @param seed one seed gives one list
   * @param usable whether a name can be used, as for a model that has it as a single token
   * @throws IllegalArgumentException if fewer than 1 pair is asked for, or fewer than two names can
   *     be used
   */
  public static List<IoiPair> draw(int count, long seed, Predicate<String> usable) {
    if (count < 1) {
      throw new IllegalArgumentException(
          "the number of prompt pairs (" + count + ") must be positive");
    }
    IoiWords all = IoiWords.read();
    List<String> names = all.names().stream().filter(usable).toList();
    if (names.size() < 2) {
      throw new IllegalArgumentException(
          "IOI prompts need two names, and %d of the %d known can be used"
              .formatted(names.size(), all.names().size()));
    }
    IoiWords words = new IoiWords(all.templates(), names, all.places(), all.objects());
    return new IoiPrompts(words, seed).draw(count);
  }

  private List<IoiPair> draw(int count) {
    String baba =
        one(words.templates())
            .replace("[PLACE]", one(words.places()))
            .replace("[OBJECT]", one(words.objects()));
    String abba = introducingTheOtherFirst(baba);
    List<IoiPair> pairs = new ArrayList<>();
    while (pairs.size() < count) {
      String subject = one(words.names());
      String indirectObject = other(subject);
      pairs.add(pair(baba, indirectObject, subject));
      if (pairs.size() < count) {
        pairs.add(pair(abba, indirectObject, subject));
      }
    }
    return List.copyOf(pairs);
  }

  private static IoiPair pair(String template, String indirectObject, String subject) {
    String prompt = template.substring(0, template.lastIndexOf(" " + INDIRECT_OBJECT));
    int second = prompt.lastIndexOf(SUBJECT);
    String corrupted =
        prompt.substring(0, second) + INDIRECT_OBJECT + prompt.substring(second + SUBJECT.length());
    return new IoiPair(
        filled(prompt, indirectObject, subject),
        filled(corrupted, indirectObject, subject),
        indirectObject,
        subject);
  }

  private static String filled(String template, String indirectObject, String subject) {
    return template.replace(INDIRECT_OBJECT, indirectObject).replace(SUBJECT, subject);
  }

  private static String introducingTheOtherFirst(String baba) {
    String placeholder = "[FIRST]";
    return baba.replaceFirst("\\[B]", Matcher.quoteReplacement(placeholder))
        .replaceFirst("\\[A]", Matcher.quoteReplacement(SUBJECT))
        .replace(placeholder, INDIRECT_OBJECT);
  }

  private String other(String name) {
    String drawn = one(words.names());
    while (drawn.equals(name)) {
      drawn = one(words.names());
    }
    return drawn;
  }

  private String one(List<String> choices) {
    return choices.get(random.nextInt(choices.size()));
  }
}
