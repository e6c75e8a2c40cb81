package dev.headlamp.experiments.enumeration;

import dev.headlamp.experiments.ioi.IoiTemplate;
import dev.headlamp.experiments.ioi.IoiWords;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The prompts that templates, places, objects and ordered pairs of names make, and their order:
 * template, place, object, subject, indirect object, the last changing fastest. A template without
 * a place has a row for each place all the same, and so for objects.
 *
 * @param templates with {@code [A]}, the indirect object, {@code [B]}, the subject, {@code [PLACE]}
 *     and {@code [OBJECT]}; a prompt ends before the last {@code [A]}
 * @param places for [PLACE]
 * @param objects for [OBJECT]
 * @param names for [A] and [B], at least two
 */
public record PromptSpace(
    List<String> templates, List<String> places, List<String> objects, List<String> names) {

  private static final String ANSWER = " [A]";

  /** So many float32s are an array of bytes. */
  private static final int MOST_ROWS = Integer.MAX_VALUE / Float.BYTES;

  /**
   * @throws IllegalArgumentException if a list is empty or has something twice, there are fewer
   *     than two names, a template has no answer, or there are more than 2²⁹ − 1 prompts
   */
  public PromptSpace {
    templates = distinct("templates", templates);
    places = distinct("places", places);
    objects = distinct("objects", objects);
    names = distinct("names", names);
    if (names.size() < 2) {
      throw new IllegalArgumentException("a prompt needs two names, and the list is " + names);
    }
    for (String template : templates) {
      if (!template.contains(ANSWER)) {
        throw new IllegalArgumentException(
            "the template '" + template + "' lacks '" + ANSWER + "'");
      }
    }
    double rows = (double) templates.size() * places.size() * objects.size();
    if (rows * names.size() * (names.size() - 1) > MOST_ROWS) {
      throw new IllegalArgumentException("the lists make more than " + MOST_ROWS + " prompts");
    }
  }

  private static List<String> distinct(String what, List<String> words) {
    if (words.isEmpty() || new HashSet<>(words).size() < words.size()) {
      throw new IllegalArgumentException(
          "%s must be at least one and each a different one, not %s".formatted(what, words));
    }
    return List.copyOf(words);
  }

  /** Returns the space of the IOI paper's BABA templates: 9,313,920 rows. */
  public static PromptSpace standard() {
    IoiWords words = IoiWords.published();
    List<String> templates = words.templates().stream().map(IoiTemplate::baba).toList();
    return new PromptSpace(templates, words.places(), words.objects(), words.names());
  }

  /** Returns this space without some of its names, places and objects. */
  public PromptSpace without(Collection<String> words) {
    return new PromptSpace(
        templates, without(places, words), without(objects, words), without(names, words));
  }

  private static List<String> without(List<String> all, Collection<String> words) {
    return all.stream().filter(word -> !words.contains(word)).toList();
  }

  /** Returns what a factor can be; templates by their numbers, from 1. */
  public List<String> values(Factor factor) {
    return switch (factor) {
      case TEMPLATE ->
          IntStream.rangeClosed(1, templates.size()).mapToObj(Integer::toString).toList();
      case PLACE -> places;
      case OBJECT -> objects;
      case SUBJECT, INDIRECT_OBJECT -> names;
    };
  }

  /** Returns the number of rows. */
  public int rows() {
    return templates.size() * rowsOfTemplate();
  }

  /** Returns the number of different prompts: some templates have no place or no object. */
  public int distinctPrompts() {
    return IntStream.range(0, templates.size())
            .map(t -> distinctPlaces(t) * distinctObjects(t))
            .sum()
        * pairs();
  }

  /**
   * Returns the row of a prompt, all indices counted from 0.
   *
   * @throws IllegalArgumentException if subject and indirect object are the same name
   */
  public int row(int template, int place, int object, int subject, int indirectObject) {
    if (subject == indirectObject) {
      throw new IllegalArgumentException(
          names.get(subject) + " cannot be both the subject and the indirect object");
    }
    int firstOfSubject = firstRow(template, place, object, subject);
    return firstOfSubject + indirectObject - (indirectObject > subject ? 1 : 0);
  }

  /** Returns the first of the rows, one after the other, that differ in the indirect object. */
  int firstRow(int template, int place, int object, int subject) {
    int group = (template * places.size() + place) * objects.size() + object;
    return group * pairs() + subject * others();
  }

  /** Returns what the prompt of a row is made of. */
  public PromptChoice choice(int row) {
    int group = row / pairs();
    int subject = row % pairs() / others();
    int other = row % others();
    return new PromptChoice(
        group / (objects.size() * places.size()),
        group / objects.size() % places.size(),
        group % objects.size(),
        subject,
        other + (other >= subject ? 1 : 0));
  }

  /** Returns the text of a row's prompt. */
  public String text(int row) {
    PromptChoice choice = choice(row);
    String template = templates.get(choice.template());
    return template
        .substring(0, template.lastIndexOf(ANSWER))
        .replace("[PLACE]", places.get(choice.place()))
        .replace("[OBJECT]", objects.get(choice.object()))
        .replace("[A]", names.get(choice.indirectObject()))
        .replace("[B]", names.get(choice.subject()));
  }

  /** Returns how many names there are besides one. */
  int others() {
    return names.size() - 1;
  }

  /** Returns the number of ordered pairs of names. */
  int pairs() {
    return names.size() * others();
  }

  int rowsOfTemplate() {
    return places.size() * objects.size() * pairs();
  }

  /** Returns in how many ways places change the prompts of a template. */
  int distinctPlaces(int template) {
    return templates.get(template).contains("[PLACE]") ? places.size() : 1;
  }

  /** Returns in how many ways objects change the prompts of a template. */
  int distinctObjects(int template) {
    return templates.get(template).contains("[OBJECT]") ? objects.size() : 1;
  }
}
