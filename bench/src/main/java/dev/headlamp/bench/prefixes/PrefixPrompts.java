package dev.headlamp.bench.prefixes;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Prompts of the shape of IOI's first template, "Then, [B] and [A] went to the [PLACE]. [B] gave a
 * [OBJECT] to", with every pair of 12 names, 8 places and 8 objects; 16 tokens with the one in
 * front. The ids stand for words: what they are does not matter to time.
 */
final class PrefixPrompts {

  private static final int NAMES = 12;
  private static final int PLACES = 8;
  private static final int OBJECTS = 8;

  private static final int FIRST_NAME = 20;
  private static final int FIRST_PLACE = 40;
  private static final int FIRST_OBJECT = 60;

  private PrefixPrompts() {}

  /** Returns the ids of all prompts, those that share most next to each other. */
  static List<int[]> all() {
    List<int[]> prompts = new ArrayList<>();
    for (int b = 0; b < NAMES; b++) {
      for (int a = 0; a < NAMES; a++) {
        for (int place = 0; a != b && place < PLACES; place++) {
          for (int object = 0; object < OBJECTS; object++) {
            prompts.add(
                prompt(FIRST_NAME + b, FIRST_NAME + a, FIRST_PLACE + place, FIRST_OBJECT + object));
          }
        }
      }
    }
    return prompts;
  }

  private static int[] prompt(int b, int a, int place, int object) {
    return new int[] {0, 1, 2, b, 3, a, 4, 5, 6, place, 7, b, 8, 9, object, 5};
  }

  /** Returns how many tokens differ in themselves or in what stands before them. */
  static long distinctTokens(List<int[]> prompts) {
    Set<List<Integer>> prefixes = new HashSet<>();
    for (int[] prompt : prompts) {
      List<Integer> ids = Arrays.stream(prompt).boxed().toList();
      for (int length = 1; length <= ids.size(); length++) {
        prefixes.add(ids.subList(0, length));
      }
    }
    return prefixes.size();
  }
}
