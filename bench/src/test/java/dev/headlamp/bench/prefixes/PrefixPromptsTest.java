package dev.headlamp.bench.prefixes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class PrefixPromptsTest {

  @Test
  void everyPairOfNamesHasEveryPlaceAndObject() {
    assertThat(PrefixPrompts.all())
        .hasSize(12 * 11 * 8 * 8)
        .allMatch(prompt -> prompt.length == 16);
  }

  /**
   * 3 tokens begin all prompts, 2 more each name, 4 each pair of names, 5 each place with it and 2
   * each object with that.
   */
  @Test
  void promptsShareWhatTheTemplateHasInCommon() {
    assertThat(PrefixPrompts.distinctTokens(PrefixPrompts.all()))
        .isEqualTo(3 + 12 * 2 + 132 * 4 + 132 * 8 * 5 + 132 * 8 * 8 * 2);
  }

  @Test
  void aTokenCountsAgainBehindAnother() {
    assertThat(
            PrefixPrompts.distinctTokens(
                List.of(new int[] {1, 2, 3}, new int[] {1, 2, 4}, new int[] {5, 2, 3})))
        .isEqualTo(7);
  }
}
