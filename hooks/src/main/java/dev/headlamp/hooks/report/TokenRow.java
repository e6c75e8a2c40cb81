package dev.headlamp.hooks.report;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The tokens of one prompt as a report shows them.
 *
 * @param label what the prompt is, such as {@code clean}
 * @param tokens the text of each token, in order
 * @param marked the positions that stand out
 */
public record TokenRow(String label, List<String> tokens, Set<Integer> marked) {

  /**
   * @throws IllegalArgumentException if a marked position is not one of the tokens'
   */
  public TokenRow {
    tokens = List.copyOf(tokens);
    marked = Set.copyOf(marked);
    for (int position : new TreeSet<>(marked)) {
      if (position < 0 || position >= tokens.size()) {
        throw new IllegalArgumentException(
            "cannot mark position %d of '%s': it has %d tokens, counted from 0"
                .formatted(position, label, tokens.size()));
      }
    }
  }

  /** Returns a row in which nothing stands out. */
  public static TokenRow of(String label, List<String> tokens) {
    return new TokenRow(label, tokens, Set.of());
  }

  /** Returns this row with those positions marked whose token {@code others} has not there. */
  public TokenRow markingDifferencesFrom(List<String> others) {
    Set<Integer> different =
        IntStream.range(0, tokens.size())
            .filter(i -> i >= others.size() || !tokens.get(i).equals(others.get(i)))
            .boxed()
            .collect(Collectors.toUnmodifiableSet());
    return new TokenRow(label, tokens, different);
  }
}
