package dev.headlamp.experiments.ioi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class IoiPromptsTest {

  private static final IoiWords WORDS = IoiWords.published();

  @Test
  void aPromptNamesItsSubjectTwiceAndTheIndirectObjectOnce() {
    for (IoiPrompt prompt : IoiPrompts.draw(WORDS, 1000, 1)) {
      String text = prompt.text();
      assertThat(occurrences(prompt.subject1(), text)).as(text).isEqualTo(2);
      assertThat(occurrences(prompt.indirectObject(), text)).as(text).isEqualTo(1);
      assertThat(text).doesNotContain("[").endsWith(" to");
    }
  }

  @Test
  void theFormSaysWhichNameComesFirst() {
    for (IoiPrompt prompt : IoiPrompts.draw(WORDS, 1000, 2)) {
      boolean subjectFirst =
          at(prompt.subject1(), prompt.text()) < at(prompt.indirectObject(), prompt.text());
      assertThat(subjectFirst).as(prompt.text()).isEqualTo(prompt.form() == IoiForm.BABA);
    }
  }

  @Test
  void thePapersFirstExampleIsATemplateWithItsWords() {
    IoiTemplate template = WORDS.templates().get(5);
    IoiPrompt abba =
        new IoiPrompt(template, IoiForm.ABBA, "Mary", "John", "John", "store", "drink");
    assertThat(abba.text())
        .isEqualTo("After Mary and John went to the store, John gave a drink to");
    assertThat(abba.inOtherOrder().text())
        .isEqualTo("After John and Mary went to the store, John gave a drink to");
    assertThat(abba.withOtherAnswer().text())
        .isEqualTo("After Mary and John went to the store, Mary gave a drink to");
  }

  @Test
  void everyTemplateNamePlaceAndObjectIsDrawn() {
    List<IoiPrompt> prompts = IoiPrompts.draw(WORDS, 5000, 3);
    assertThat(prompts.stream().map(IoiPrompt::template).collect(Collectors.toSet())).hasSize(15);
    assertThat(prompts.stream().map(IoiPrompt::indirectObject).collect(Collectors.toSet()))
        .hasSize(99);
    assertThat(prompts.stream().map(IoiPrompt::subject1).collect(Collectors.toSet())).hasSize(99);
    assertThat(prompts.stream().map(IoiPrompt::place).collect(Collectors.toSet())).hasSize(8);
    assertThat(prompts.stream().map(IoiPrompt::object).collect(Collectors.toSet())).hasSize(8);
  }

  @Test
  void promptsAreDrawnIndependently() {
    // 100 of 99·98·8·8·15·2 prompts: two alike are as good as impossible.
    assertThat(IoiPrompts.draw(WORDS, 100, 4)).doesNotHaveDuplicates();
  }

  @Test
  void oneSeedGivesOneListAndAnotherAnother() {
    assertThat(IoiPrompts.draw(WORDS, 50, 7)).isEqualTo(IoiPrompts.draw(WORDS, 50, 7));
    assertThat(IoiPrompts.draw(WORDS, 50, 7)).isNotEqualTo(IoiPrompts.draw(WORDS, 50, 8));
  }

  @Test
  void promptsThatAreAlikeDifferInTheirNamesOnly() {
    for (long seed = 0; seed < 100; seed++) {
      List<IoiPrompt> alike = IoiPrompts.drawAlike(WORDS, 5, seed);
      assertThat(alike).hasSize(5);
      assertThat(alike.stream().map(p -> p.withNames("X", "X", "X").text()).distinct()).hasSize(1);
      assertThat(alike.get(1)).isEqualTo(alike.get(0).inOtherOrder());
    }
  }

  @Test
  void noPromptsAreRefused() {
    assertThatThrownBy(() -> IoiPrompts.draw(WORDS, 0, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the number of prompts (0) must be positive");
  }

  @Test
  void fewerThanTwoNamesAreRefused() {
    assertThatThrownBy(() -> WORDS.withNames(List.of("Mary")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("IOI prompts need two names, and there are 1: [Mary]");
  }

  @Test
  void aTemplateThatStartsWithANameIsRefused() {
    assertThatThrownBy(() -> new IoiTemplate(1, "[B] and [A] met. [B] gave a ring to [A]"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("template 1 needs a space before each gap");
  }

  @Test
  void aTemplateThatSaysTheWrongNameAgainIsRefused() {
    assertThatThrownBy(() -> new IoiTemplate(2, "Then, [B] and [A] met. [A] gave a ring to [B]"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("template 2 needs [B], [A], [B] and, at its end, [A]");
  }

  /** Whole words: "Dan" is no part of "Daniel". */
  private static int occurrences(String word, String text) {
    return text.split("\\b" + word + "\\b", -1).length - 1;
  }

  private static int at(String word, String text) {
    return text.split("\\b" + word + "\\b", -1)[0].length();
  }
}
