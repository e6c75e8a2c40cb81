package dev.headlamp.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.headlamp.engine.TokenBatch.Padding;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Prompts as a rectangle: where tokens stand and where padding. */
class TokenBatchTest {

  private static final List<int[]> PROMPTS = List.of(new int[] {1, 2, 3}, new int[] {4});
  private static final TokenBatch LEFT = TokenBatch.padded(PROMPTS, Padding.LEFT, 9);
  private static final TokenBatch RIGHT = TokenBatch.padded(PROMPTS, Padding.RIGHT, 9);

  @Test
  void leftPaddedPromptsEndTogether() {
    assertThat(ids(LEFT, 1)).containsExactly(9, 9, 4);
    assertThat(LEFT.isToken(1, 1)).isFalse();
    assertThat(LEFT.isToken(1, 2)).isTrue();
    assertThat(LEFT.firstPos(1)).isEqualTo(2);
    assertThat(LEFT.lastPos(1)).isEqualTo(2);
  }

  @Test
  void rightPaddedPromptsBeginTogether() {
    assertThat(ids(RIGHT, 1)).containsExactly(4, 9, 9);
    assertThat(RIGHT.isToken(1, 0)).isTrue();
    assertThat(RIGHT.isToken(1, 1)).isFalse();
    assertThat(RIGHT.firstPos(1)).isZero();
    assertThat(RIGHT.lastPos(1)).isZero();
  }

  @Test
  void promptsComeBackWithoutPadding() {
    for (TokenBatch batch : List.of(LEFT, RIGHT)) {
      assertThat(batch.prompt(0)).containsExactly(1, 2, 3);
      assertThat(batch.prompt(1)).containsExactly(4);
      assertThat(batch.promptLength(1)).isEqualTo(1);
      assertThat(batch.batch()).isEqualTo(2);
      assertThat(batch.length()).isEqualTo(3);
      assertThat(batch.isPadded()).isTrue();
    }
    assertThat(TokenBatch.of(new int[] {1}, new int[] {2}).isPadded()).isFalse();
  }

  @Test
  void aBatchDoesNotChangeWithTheArraysItWasMadeOf() {
    int[] prompt = {1, 2};
    TokenBatch batch = TokenBatch.of(prompt);
    prompt[0] = 7;
    batch.prompt(0)[1] = 7;
    assertThat(batch.prompt(0)).containsExactly(1, 2);
  }

  @Test
  void aPartHasTheSamePadding() {
    TokenBatch second = LEFT.prompts(1, 2);
    assertThat(second.batch()).isEqualTo(1);
    assertThat(ids(second, 0)).containsExactly(9, 9, 4);
    assertThat(second.isToken(0, 0)).isFalse();
  }

  @Test
  void aRepeatedBatchStandsThereAsAWhole() {
    TokenBatch twice = LEFT.repeated(2);
    assertThat(twice.batch()).isEqualTo(4);
    assertThat(twice.prompts(0, 2)).isEqualTo(LEFT);
    assertThat(twice.prompts(2, 4)).isEqualTo(LEFT).hasSameHashCodeAs(LEFT);
  }

  @Test
  void paddingOnAnotherSideIsAnotherBatch() {
    TokenBatch one = TokenBatch.padded(List.of(new int[] {0, 0}, new int[] {0}), Padding.LEFT, 0);
    TokenBatch two = TokenBatch.padded(List.of(new int[] {0, 0}, new int[] {0}), Padding.RIGHT, 0);
    assertThat(one).isNotEqualTo(two);
  }

  @Test
  void aBatchWithoutPromptsIsRefused() {
    assertThatThrownBy(TokenBatch::of)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a batch needs at least one prompt");
  }

  @Test
  void anEmptyPromptIsRefused() {
    assertThatThrownBy(() -> TokenBatch.of(new int[] {1}, new int[0]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("prompt 1 is empty: it has no tokens");
  }

  @Test
  void partsThatAreNoneAreRefused() {
    for (int[] part : new int[][] {{-1, 1}, {1, 3}, {1, 1}, {2, 1}}) {
      assertThatThrownBy(() -> LEFT.prompts(part[0], part[1]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageEndingWith("are no part of a batch with prompts 0 to 1");
    }
    assertThatThrownBy(() -> LEFT.repeated(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("times (0) must be positive");
  }

  private static int[] ids(TokenBatch batch, int prompt) {
    return IntStream.range(0, batch.length()).map(pos -> batch.id(prompt, pos)).toArray();
  }

  @Test
  void batchesOneBehindTheOtherKeepTheirPlacesAndPadding() {
    TokenBatch longer = TokenBatch.of(new int[] {5, 6, 7, 8});
    TokenBatch all = TokenBatch.concat(List.of(LEFT, longer, RIGHT));
    assertThat(all.batch()).isEqualTo(5);
    assertThat(all.length()).isEqualTo(4);
    assertThat(all.prompt(1)).containsExactly(4);
    assertThat(all.firstPos(1)).isEqualTo(2);
    assertThat(all.lastPos(1)).isEqualTo(2);
    assertThat(all.prompt(2)).containsExactly(5, 6, 7, 8);
    assertThat(all.firstPos(4)).isZero();
    assertThat(all.prompts(0, 2).prompt(0)).containsExactly(1, 2, 3);
    assertThat(TokenBatch.concat(List.of(LEFT))).isEqualTo(LEFT);
    assertThatThrownBy(() -> TokenBatch.concat(List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("there is no batch to concatenate");
  }
}
