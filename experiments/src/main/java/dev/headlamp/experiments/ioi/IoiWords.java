package dev.headlamp.experiments.ioi;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.headlamp.tokenizer.Bos;
import dev.headlamp.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What IOI prompts are made of. Words are without the space before them.
 *
 * @param templates the sentences
 * @param names for subjects and indirect objects
 * @param places for [PLACE]
 * @param objects for [OBJECT]
 */
public record IoiWords(
    List<IoiTemplate> templates, List<String> names, List<String> places, List<String> objects) {

  /**
   * Copies the lists.
   *
   * @throws IllegalArgumentException if one is empty, there are fewer than two names, or a name is
   *     listed twice
   */
  public IoiWords {
    templates = List.copyOf(templates);
    names = List.copyOf(names);
    places = List.copyOf(places);
    objects = List.copyOf(objects);
    if (templates.isEmpty() || places.isEmpty() || objects.isEmpty()) {
      throw new IllegalArgumentException(
          "IOI prompts need a template, a place and an object: there are %d, %d and %d"
              .formatted(templates.size(), places.size(), objects.size()));
    }
    if (names.stream().distinct().count() < names.size()) {
      throw new IllegalArgumentException("a name is listed twice among " + names);
    }
    if (names.size() < 2) {
      throw new IllegalArgumentException(
          "IOI prompts need two names, and there are %d: %s".formatted(names.size(), names));
    }
  }

  /** Returns the paper's 15 templates, 99 names, 8 places and 8 objects. */
  public static IoiWords published() {
    List<String> templates = lines("baba-templates.txt");
    return new IoiWords(
        IntStream.range(0, templates.size())
            .mapToObj(i -> new IoiTemplate(i + 1, templates.get(i)))
            .toList(),
        lines("names.txt"),
        lines("places.txt"),
        lines("objects.txt"));
  }

  /** Returns these words with other templates. */
  public IoiWords withTemplates(List<IoiTemplate> others) {
    return new IoiWords(others, names, places, objects);
  }

  /**
   * Returns these words with other names.
   *
   * @throws IllegalArgumentException if there are fewer than two, or one is listed twice
   */
  public IoiWords withNames(List<String> others) {
    return new IoiWords(templates, others, places, objects);
  }

  /**
   * Returns the names, places and objects that are not one token where they stand in a prompt,
   * which is after a space.
   */
  public List<String> unknownTo(Tokenizer tokenizer) {
    return Stream.of(names, places, objects)
        .flatMap(List::stream)
        .filter(word -> tokenizer.countTokens(" " + word, Bos.NONE) != 1)
        .toList();
  }

  /**
   * Returns these words without some.
   *
   * @throws IllegalArgumentException if too few are left to make a prompt
   */
  public IoiWords without(Collection<String> words) {
    return new IoiWords(
        templates, without(names, words), without(places, words), without(objects, words));
  }

  private static List<String> without(List<String> all, Collection<String> words) {
    return all.stream().filter(word -> !words.contains(word)).toList();
  }

  private static List<String> lines(String resource) {
    try (InputStream in = IoiWords.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("the resource " + resource + " is missing");
      }
      return new String(in.readAllBytes(), UTF_8).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the resource " + resource, e);
    }
  }
}
