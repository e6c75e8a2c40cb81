package dev.headlamp.experiments.enumeration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PromptSpaceTest {

  private static final PromptSpace ALL = PromptSpace.standard();

  @Test
  void thereAreAsManyPromptsAsArePublished() {
    assertThat(ALL.rows()).isEqualTo(9_313_920).isEqualTo(99 * 98 * 8 * 8 * 15);
    assertThat(ALL.distinctPrompts()).isEqualTo(8_091_468);
  }

  @Test
  void theLastFactorChangesFastest() {
    assertThat(ALL.text(0))
        .isEqualTo("Then, Michael and Christopher went to the store. Michael gave a ring to");
    assertThat(ALL.text(1))
        .isEqualTo("Then, Michael and Jessica went to the store. Michael gave a ring to");
    assertThat(ALL.text(98))
        .isEqualTo("Then, Christopher and Michael went to the store. Christopher gave a ring to");
    assertThat(ALL.text(99 * 98))
        .isEqualTo("Then, Michael and Christopher went to the store. Michael gave a kiss to");
    assertThat(ALL.text(99 * 98 * 8))
        .isEqualTo("Then, Michael and Christopher went to the garden. Michael gave a ring to");
    assertThat(ALL.text(99 * 98 * 64)).startsWith("Then, Michael and Christopher had a lot of fun");
  }

  @Test
  void aRowAndItsChoiceNameEachOther() {
    for (int row = 0; row < ALL.rows(); row += 977) {
      PromptChoice choice = ALL.choice(row);
      assertThat(
              ALL.row(
                  choice.template(),
                  choice.place(),
                  choice.object(),
                  choice.subject(),
                  choice.indirectObject()))
          .isEqualTo(row);
    }
  }

  @Test
  void aSmallSpaceHasEachOfItsPromptsAndNoOther() {
    PromptSpace space = Spaces.small();
    Set<String> texts = new HashSet<>();
    for (int row = 0; row < space.rows(); row++) {
      texts.add(space.text(row));
    }
    assertThat(space.rows()).isEqualTo(3 * 2 * 2 * 4 * 3);
    assertThat(texts).hasSize(2 * 4 * 12 + 12).hasSize(space.distinctPrompts());
  }

  @Test
  void theChunksHaveEachRowOnce() {
    PromptSpace space = Spaces.small();
    int[] seen = new int[space.rows()];
    for (int i = 0; i < Chunk.count(space); i++) {
      Chunk chunk = Chunk.of(space, i);
      assertThat(chunk.index()).isEqualTo(i);
      for (int group = 0; group < chunk.groups(); group++) {
        for (int other = 0; other < 3; other++) {
          seen[chunk.firstRow(group) + other]++;
        }
      }
    }
    assertThat(seen).containsOnly(1);
  }

  @Test
  void wordsCanBeLeftOut() {
    PromptSpace without = ALL.without(List.of("Michael", "store", "ring"));
    assertThat(without.rows()).isEqualTo(98 * 97 * 7 * 7 * 15);
    assertThat(without.text(0)).contains("Christopher and Jessica", "the garden", "a kiss");
  }

  @Test
  void oneNameIsNotEnough() {
    List<String> templates = List.of("[B] and [A] met. [B] spoke to [A]");
    List<String> word = List.of("store");
    assertThatThrownBy(() -> new PromptSpace(templates, word, word, List.of("Mary")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a prompt needs two names, and the list is [Mary]");
  }

  @Test
  void nobodyGivesToThemselves() {
    assertThatThrownBy(() -> ALL.row(0, 0, 0, 2, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Jessica cannot be both the subject and the indirect object");
  }
}
