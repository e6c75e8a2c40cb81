package dev.headlamp.experiments.ioi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class IoiPromptsTest {

  private static final int SEEDS = 200;

  @Test
  void aCleanPromptNamesItsSubjectTwiceAndTheIndirectObjectOnce() {
    for (long seed = 0; seed < SEEDS; seed++) {
      for (IoiPair pair : IoiPrompts.draw(4, seed, name -> true)) {
        assertThat(occurrences(pair.subject(), pair.clean())).as(pair.clean()).isEqualTo(2);
        assertThat(occurrences(pair.indirectObject(), pair.clean())).as(pair.clean()).isEqualTo(1);
        assertThat(pair.clean()).doesNotContain("[").endsWith(" to");
      }
    }
  }

  @Test
  void aCorruptedPromptDiffersInTheLastNameOnly() {
    for (long seed = 0; seed < SEEDS; seed++) {
      for (IoiPair pair : IoiPrompts.draw(4, seed, name -> true)) {
        int last = pair.clean().lastIndexOf(pair.subject());
        assertThat(pair.corrupted())
            .isEqualTo(
                pair.clean().substring(0, last)
                    + pair.indirectObject()
                    + pair.clean().substring(last + pair.subject().length()));
      }
    }
  }

  @Test
  void pairsAreAlikeButForTheirNames() {
    for (long seed = 0; seed < SEEDS; seed++) {
      Set<String> skeletons = new TreeSet<>();
      for (IoiPair pair : IoiPrompts.draw(6, seed, name -> true)) {
        skeletons.add(
            pair.clean().replace(pair.subject(), "X").replace(pair.indirectObject(), "X"));
      }
      assertThat(skeletons).hasSize(1);
    }
  }

  @Test
  void eachTwoPairsIntroduceTheSameNamesInEitherOrder() {
    List<IoiPair> pairs = IoiPrompts.draw(2, 5, name -> true);
    IoiPair baba = pairs.get(0);
    IoiPair abba = pairs.get(1);
    assertThat(abba.subject()).isEqualTo(baba.subject());
    assertThat(abba.indirectObject()).isEqualTo(baba.indirectObject());
    assertThat(baba.clean().indexOf(baba.subject()))
        .isLessThan(baba.clean().indexOf(baba.indirectObject()));
    assertThat(abba.clean().indexOf(abba.subject()))
        .isGreaterThan(abba.clean().indexOf(abba.indirectObject()));
  }

  @Test
  void oneSeedGivesOneListAndOthersGiveOthers() {
    Set<List<IoiPair>> lists = Set.copyOf(listsOfSeeds());
    assertThat(IoiPrompts.draw(4, 7, name -> true)).isEqualTo(IoiPrompts.draw(4, 7, name -> true));
    assertThat(lists).hasSizeGreaterThan(SEEDS * 9 / 10);
  }

  private static List<List<IoiPair>> listsOfSeeds() {
    List<List<IoiPair>> lists = new ArrayList<>();
    for (long seed = 0; seed < SEEDS; seed++) {
      List<IoiPair> list = IoiPrompts.draw(4, seed, name -> true);
      if (!lists.contains(list)) {
        lists.add(list);
      }
    }
    return lists;
  }

  @Test
  void onlyUsableNamesAreDrawn() {
    Set<String> usable = Set.of("Mary", "Michael");
    for (IoiPair pair : IoiPrompts.draw(8, 0, usable::contains)) {
      assertThat(usable).contains(pair.subject(), pair.indirectObject());
    }
  }

  @Test
  void fewerThanTwoUsableNamesAreRefused() {
    assertThatThrownBy(() -> IoiPrompts.draw(4, 0, "Mary"::equals))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("IOI prompts need two names, and 1 of the 99 known can be used");
  }

  private static int occurrences(String word, String text) {
    return (text.length() - text.replace(word, "").length()) / word.length();
  }
}
