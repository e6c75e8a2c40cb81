package dev.headlamp.tokenizer;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The tokens that a tokenizer gives out.
 *
 * @param ids every id in use, of the model's own tokens and of those added to them
 * @param added the ids of the added tokens, by their texts
 * @param size the number of ids from 0 to the highest one in use
 */
record Vocabulary(Set<Integer> ids, Map<String, Integer> added, int size) {

  static Vocabulary of(Set<Integer> modelIds, Map<String, Integer> added) {
    Set<Integer> ids = new HashSet<>(modelIds);
    ids.addAll(added.values());
    int highest = ids.stream().mapToInt(Integer::intValue).max().orElse(-1);
    return new Vocabulary(Set.copyOf(ids), Map.copyOf(added), highest + 1);
  }

  /** Fails unless each of these is the id of a token. */
  void require(int[] tokens) {
    for (int token : tokens) {
      if (token < 0 || token >= size) {
        throw new IllegalArgumentException(
            "token id %d is out of range: this vocabulary has ids 0 to %d"
                .formatted(token, size - 1));
      }
      if (!ids.contains(token)) {
        throw new IllegalArgumentException(
            "token id %d stands for no token of this vocabulary".formatted(token));
      }
    }
  }
}
