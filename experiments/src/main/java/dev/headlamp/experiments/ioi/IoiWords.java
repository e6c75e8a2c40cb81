package dev.headlamp.experiments.ioi;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * What IOI prompts are made of, from the paper's appendix E.
 *
 * @param templates with {@code [A]}, {@code [B]}, {@code [PLACE]} and {@code [OBJECT]}; [B] is the
 *     subject, [A] the indirect object
 * @param names for [A] and [B]
 * @param places for [PLACE]
 * @param objects for [OBJECT]
 */
public record IoiWords(
    List<String> templates, List<String> names, List<String> places, List<String> objects) {

  /** Returns the bundled lists: 15 templates, 99 names, 8 places, 8 objects. */
  public static IoiWords read() {
    return new IoiWords(
        lines("baba-templates.txt"), lines("names.txt"), lines("places.txt"), lines("objects.txt"));
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
