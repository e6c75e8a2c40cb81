package dev.headlamp.hooks.report;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * One axis of a result: what it runs over, and what each index along it is called.
 *
 * <p>Labels differ from one another, so that a label names one index. They may hold any character;
 * whatever prints them escapes what it must.
 *
 * @param name what the axis runs over, such as {@code layer} or {@code position}
 * @param labels what each index is called, at least one
 */
public record Axis(String name, List<String> labels) {

  /**
   * @throws IllegalArgumentException if the name is blank, there are no labels, or two are the same
   */
  public Axis {
    labels = List.copyOf(labels);
    if (name.isBlank()) {
      throw new IllegalArgumentException("an axis needs a name, got '" + name + "'");
    }
    if (labels.isEmpty()) {
      throw new IllegalArgumentException("axis '" + name + "' has no labels; it needs at least 1");
    }
    refuseDuplicates(name, labels);
  }

  /** Returns an axis with these labels. */
  public static Axis of(String name, String... labels) {
    return new Axis(name, List.of(labels));
  }

  /** Returns an axis whose labels are the numbers from 0 to {@code length - 1}. */
  public static Axis numbered(String name, int length) {
    if (length < 1) {
      throw new IllegalArgumentException(
          "axis '" + name + "' cannot have length " + length + "; it needs at least 1");
    }
    return new Axis(name, IntStream.range(0, length).mapToObj(Integer::toString).toList());
  }

  /**
   * Returns the axis over the positions of a prompt, labelled {@code 10: ' to'}: the number keeps
   * the labels of a repeated token apart, the quotes show the space it starts with.
   */
  public static Axis positions(String name, List<String> tokens) {
    return new Axis(
        name,
        IntStream.range(0, tokens.size())
            .mapToObj(pos -> positionLabel(pos, tokens.get(pos)))
            .toList());
  }

  /** Returns the label of one position, such as {@code 10: ' to'}. */
  public static String positionLabel(int pos, String token) {
    return pos + ": '" + token + "'";
  }

  /** Returns how many labels the axis has. */
  public int length() {
    return labels.size();
  }

  /**
   * Returns the label of an index.
   *
   * @throws IllegalArgumentException if the index is out of range
   */
  public String label(int index) {
    return labels.get(checked(index));
  }

  /**
   * Returns the index that a label names.
   *
   * @throws IllegalArgumentException if the axis has no such label
   */
  public int indexOf(String label) {
    int index = labels.indexOf(Objects.requireNonNull(label, "label"));
    if (index < 0) {
      throw new IllegalArgumentException(
          "axis '%s' has no label '%s': its %d labels start with '%s'"
              .formatted(name, label, length(), labels.get(0)));
    }
    return index;
  }

  int checked(int index) {
    if (index < 0 || index >= length()) {
      throw new IllegalArgumentException(
          "index %d is out of range: axis '%s' has indices 0 to %d"
              .formatted(index, name, length() - 1));
    }
    return index;
  }

  private static void refuseDuplicates(String name, List<String> labels) {
    Map<String, Integer> seen = new HashMap<>();
    for (int i = 0; i < labels.size(); i++) {
      Integer before = seen.putIfAbsent(labels.get(i), i);
      if (before != null) {
        throw new IllegalArgumentException(
            "axis '%s' has the label '%s' twice, at %d and %d; labels must differ"
                .formatted(name, labels.get(i), before, i));
      }
    }
  }
}
