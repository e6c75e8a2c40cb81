package dev.headlamp.experiments.ioi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.tokenizer.Bos;
import dev.headlamp.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class IoiDatasetTest {

  private static final IoiWords WORDS = IoiWords.published();

  private static Tokenizer tokenizer;
  private static IoiVocabulary vocabulary;
  private static IoiDataset ioi;

  @BeforeAll
  static void load() throws Exception {
    tokenizer = Tokenizer.load(Fixtures.model("ioi-demo"));
    vocabulary = IoiVocabulary.of(WORDS, tokenizer);
    ioi = IoiDataset.draw(vocabulary, 300, 1);
  }

  @AfterAll
  static void close() {
    tokenizer.close();
  }

  @ParameterizedTest
  @EnumSource(Bos.class)
  void tokensAreThoseOfTheText(Bos bos) {
    IoiVocabulary with = IoiVocabulary.of(WORDS, tokenizer, bos);
    for (IoiPrompt prompt : IoiPrompts.draw(WORDS, 300, 5)) {
      assertThat(with.tokens(prompt)).containsExactly(tokenizer.toTokens(prompt.text(), bos));
    }
  }

  @ParameterizedTest
  @EnumSource(IoiFlip.class)
  void aFlipLeavesAllButNamesInPlace(IoiFlip flip) {
    IoiDataset flipped = ioi.flipped(flip, 2);
    for (int i = 0; i < ioi.size(); i++) {
      int[] before = ioi.select(i).tokens().prompt(0);
      int[] after = flipped.select(i).tokens().prompt(0);
      List<Integer> names =
          List.of(
              ioi.position(IoiPosition.IO, i),
              ioi.position(IoiPosition.S1, i),
              ioi.position(IoiPosition.S2, i));
      assertThat(after).hasSameSizeAs(before).isNotEqualTo(before);
      for (int pos = 0; pos < before.length; pos++) {
        if (!names.contains(pos)) {
          assertThat(after[pos]).isEqualTo(before[pos]);
        }
      }
    }
  }

  @Test
  void inTheReferenceThreeOtherNamesStandOnceEach() {
    IoiDataset abc = ioi.flipped(IoiFlip.ABC, 3);
    for (int i = 0; i < ioi.size(); i++) {
      IoiPrompt old = ioi.prompts().get(i);
      IoiPrompt flipped = abc.prompts().get(i);
      assertThat(
              Set.of(
                  old.indirectObject(),
                  old.subject1(),
                  flipped.indirectObject(),
                  flipped.subject1(),
                  flipped.subject2()))
          .hasSize(5);
      assertThat(flipped.form()).isEqualTo(old.form());
      assertThat(ioi.flipped(IoiFlip.BAC, 3).prompts().get(i)).isEqualTo(flipped.inOtherOrder());
    }
  }

  @Test
  void randomNamesDifferFromPromptToPrompt() {
    IoiDataset same =
        IoiDataset.of(vocabulary, IntStream.range(0, 50).mapToObj(i -> first()).toList());
    assertThat(same.flipped(IoiFlip.ABC, 1).prompts()).doesNotHaveDuplicates();
    assertThat(same.flipped(IoiFlip.ABC, 1).prompts())
        .isEqualTo(same.flipped(IoiFlip.ABC, 1).prompts())
        .isNotEqualTo(same.flipped(IoiFlip.ABC, 2).prompts());
  }

  @Test
  void theSeedOfThePromptsDrawsOtherNamesForTheirFlips() {
    List<String> flipped =
        ioi.flipped(IoiFlip.RANDOM_IO, 1).prompts().stream()
            .map(IoiPrompt::indirectObject)
            .toList();
    List<String> drawn = ioi.prompts().stream().map(IoiPrompt::indirectObject).toList();
    // Independent draws of 99 names agree with a neighbour in about 1 of 99 prompts.
    for (int shift = 0; shift < 3; shift++) {
      int by = shift;
      long same =
          IntStream.range(by, drawn.size())
              .filter(i -> flipped.get(i).equals(drawn.get(i - by)))
              .count();
      assertThat(same).as("shifted by %d", shift).isLessThan(15);
    }
  }

  private static IoiPrompt first() {
    return ioi.prompts().get(0);
  }

  @Test
  void otherFlipsChangeTheNamesTheySay() {
    IoiPrompt old = first();
    assertThat(flippedFirst(IoiFlip.RANDOM_IO).subject2()).isEqualTo(old.subject2());
    assertThat(flippedFirst(IoiFlip.RANDOM_IO).indirectObject()).isNotEqualTo(old.indirectObject());
    assertThat(flippedFirst(IoiFlip.RANDOM_S1).subject1()).isNotEqualTo(old.subject1());
    assertThat(flippedFirst(IoiFlip.RANDOM_S1).subject2()).isEqualTo(old.subject2());
    assertThat(flippedFirst(IoiFlip.RANDOM_S).subject1())
        .isEqualTo(flippedFirst(IoiFlip.RANDOM_S).subject2())
        .isNotEqualTo(old.subject1());
    assertThat(flippedFirst(IoiFlip.RANDOM_NAMES).subject1())
        .isEqualTo(flippedFirst(IoiFlip.RANDOM_NAMES).subject2());
    assertThat(flippedFirst(IoiFlip.S2_TO_IO).subject2()).isEqualTo(old.indirectObject());
    assertThat(flippedFirst(IoiFlip.IO_S1_ORDER)).isEqualTo(old.inOtherOrder());
  }

  private static IoiPrompt flippedFirst(IoiFlip flip) {
    return ioi.flipped(flip, 4).prompts().get(0);
  }

  @Test
  void positionsAreWhereTheTextHasThem() {
    for (int i = 0; i < ioi.size(); i++) {
      IoiPrompt prompt = ioi.prompts().get(i);
      int[] tokens = vocabulary.tokens(prompt);
      String io = " " + prompt.indirectObject();
      String subject = " " + prompt.subject1();
      assertThat(ioi.position(IoiPosition.IO, i)).isEqualTo(tokenizer.firstPosition(io, tokens));
      assertThat(ioi.position(IoiPosition.IO_MINUS_1, i))
          .isEqualTo(ioi.position(IoiPosition.IO, i) - 1);
      assertThat(ioi.position(IoiPosition.IO_PLUS_1, i))
          .isEqualTo(ioi.position(IoiPosition.IO, i) + 1);
      assertThat(ioi.position(IoiPosition.S1, i))
          .isEqualTo(tokenizer.firstPosition(subject, tokens));
      assertThat(ioi.position(IoiPosition.S1_MINUS_1, i))
          .isEqualTo(ioi.position(IoiPosition.S1, i) - 1);
      assertThat(ioi.position(IoiPosition.S1_PLUS_1, i))
          .isEqualTo(ioi.position(IoiPosition.S1, i) + 1);
      assertThat(ioi.position(IoiPosition.S2, i))
          .isEqualTo(tokenizer.lastPosition(subject, tokens));
      assertThat(ioi.position(IoiPosition.END, i)).isEqualTo(tokens.length - 1);
      assertThat(tokenizer.toText(tokens[ioi.position(IoiPosition.PUNCTUATION, i)])).isIn(".", ",");
      assertThat(ioi.position(IoiPosition.PUNCTUATION, i))
          .isBetween(ioi.position(IoiPosition.IO, i), ioi.position(IoiPosition.S2, i));
    }
  }

  @Test
  void answersAndWrongAnswersAreTheNames() {
    for (int i = 0; i < ioi.size(); i++) {
      assertThat(tokenizer.toText(ioi.answers()[i]))
          .isEqualTo(" " + ioi.prompts().get(i).indirectObject());
      assertThat(tokenizer.toText(ioi.wrong()[i])).isEqualTo(" " + ioi.prompts().get(i).subject1());
    }
  }

  @Test
  void promptsOfAGroupAreEquallyLong() {
    int[] groups = ioi.groups();
    for (int group = 1; group <= 15; group++) {
      int wanted = group;
      assertThat(
              IntStream.range(0, ioi.size())
                  .filter(i -> groups[i] == wanted)
                  .map(i -> ioi.tokens().promptLength(i))
                  .distinct()
                  .count())
          .isEqualTo(1);
    }
  }

  @Test
  void theOrderByLengthIsAPermutationThatNeverShortens() {
    int[] order = ioi.byLength();
    assertThat(order).hasSize(300).doesNotHaveDuplicates();
    int[] lengths = Arrays.stream(order).map(i -> ioi.tokens().promptLength(i)).toArray();
    assertThat(lengths).isSorted();
  }

  @Test
  void aHundredThousandPromptsAreDrawn() {
    IoiDataset many = IoiDataset.draw(vocabulary, 100_000, 1);
    assertThat(many.size()).isEqualTo(100_000);
    assertThat(many.prompts().subList(0, 300)).isEqualTo(ioi.prompts());
  }

  @Test
  void wordsThatAreNotOneTokenAreListedAndCanBeLeftOut() {
    IoiWords words =
        new IoiWords(
            WORDS.templates(),
            List.of("Mary", "Zarathustra", "John", "Xanthippe"),
            List.of("store", "observatory"),
            WORDS.objects());
    assertThatThrownBy(() -> IoiVocabulary.of(words, tokenizer))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "3 of the names, places and objects are not single tokens of this vocabulary:"
                + " \" Zarathustra\", \" Xanthippe\", \" observatory\"");
    IoiWords known = words.without(words.unknownTo(tokenizer));
    assertThat(IoiVocabulary.of(known, tokenizer).words().names()).containsExactly("Mary", "John");
  }

  @Test
  void aReferenceNeedsFiveNames() {
    IoiVocabulary few =
        IoiVocabulary.of(WORDS.withNames(List.of("Mary", "John", "Paul", "Anna")), tokenizer);
    assertThatThrownBy(() -> IoiDataset.draw(few, 1, 1).flipped(IoiFlip.ABC, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("there are only 4 names");
  }
}
