package dev.headlamp.experiments.enumeration;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import java.util.stream.Collectors;

/**
 * The prompts in which some factors are fixed, such as {@code S=Lisa} and {@code IO=Katie}.
 * Immutable.
 */
public final class Slice {

  private static final Slice ALL = new Slice(Map.of());
  private static final int ANY = -1;

  /** {@code [factor]}: the index that it is fixed at, or {@link #ANY}. */
  private final int[] fixed = new int[Factor.values().length];

  private Slice(Map<Factor, Integer> indices) {
    Arrays.fill(fixed, ANY);
    indices.forEach((factor, index) -> fixed[factor.place()] = index);
  }

  /** Returns the slice of all prompts. */
  public static Slice all() {
    return ALL;
  }

  /**
   * Returns the slice that texts like {@code S=Lisa}, {@code IO=Katie}, {@code place=store}, {@code
   * object=ring} and {@code template=5} describe together.
   *
   * @throws IllegalArgumentException if one is of another form, names something that the space has
   *     not, or fixes a factor again; or if one name is to be both S and IO
   */
  public static Slice parse(PromptSpace space, List<String> conditions) {
    Slice slice = ALL;
    for (String condition : conditions) {
      int equals = condition.indexOf('=');
      if (equals < 0) {
        throw new IllegalArgumentException(
            "'" + condition + "' is no condition: write it like S=Lisa or template=5");
      }
      Factor factor = Factor.named(condition.substring(0, equals));
      String value = condition.substring(equals + 1);
      int index = space.values(factor).indexOf(value);
      if (index < 0) {
        throw new IllegalArgumentException(
            "there is no %s '%s'; there are %s".formatted(factor, value, space.values(factor)));
      }
      if (slice.fixed[factor.place()] != ANY) {
        throw new IllegalArgumentException(factor + " cannot be two things at once: " + conditions);
      }
      slice = slice.with(factor, index);
    }
    return slice;
  }

  /**
   * Returns the part of this slice in which a factor is fixed.
   *
   * @param index of its value in the list of the space
   * @throws IllegalArgumentException if one name would be both S and IO
   */
  public Slice with(Factor factor, int index) {
    Map<Factor, Integer> indices = indices();
    indices.put(factor, index);
    if (indices.containsKey(Factor.SUBJECT)
        && indices.get(Factor.SUBJECT).equals(indices.get(Factor.INDIRECT_OBJECT))) {
      throw new IllegalArgumentException("no prompt has one name as both S and IO");
    }
    return new Slice(indices);
  }

  private Map<Factor, Integer> indices() {
    Map<Factor, Integer> indices = new EnumMap<>(Factor.class);
    for (Factor factor : Factor.values()) {
      if (isFixed(factor)) {
        indices.put(factor, fixed[factor.place()]);
      }
    }
    return indices;
  }

  /** Returns whether a factor is one thing in all prompts of this slice. */
  public boolean isFixed(Factor factor) {
    return fixed[factor.place()] != ANY;
  }

  boolean has(int template, int place, int object, int subject) {
    return allows(Factor.TEMPLATE, template)
        && allows(Factor.PLACE, place)
        && allows(Factor.OBJECT, object)
        && allows(Factor.SUBJECT, subject);
  }

  boolean hasIndirectObject(int index) {
    return allows(Factor.INDIRECT_OBJECT, index);
  }

  private boolean allows(Factor factor, int index) {
    return fixed[factor.place()] == ANY || fixed[factor.place()] == index;
  }

  /** Returns what to call this slice: {@code S=Lisa, IO=Katie}, or {@code all prompts}. */
  public String label(PromptSpace space) {
    return equals(ALL)
        ? "all prompts"
        : indices().entrySet().stream()
            .map(condition -> label(space, condition))
            .collect(Collectors.joining(", "));
  }

  private static String label(PromptSpace space, Entry<Factor, Integer> condition) {
    return condition.getKey() + "=" + space.values(condition.getKey()).get(condition.getValue());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Slice that && Arrays.equals(fixed, that.fixed);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(fixed);
  }
}
