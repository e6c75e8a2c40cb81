package dev.headlamp.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Any text goes in and comes out as it was, or is refused. */
class UnicodeTest {

  private static Tokenizer tokenizer;

  @BeforeAll
  static void load() throws TokenizerFormatException {
    tokenizer = DemoTokenizer.load();
  }

  @AfterAll
  static void close() {
    tokenizer.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        " ",
        "  two  spaces  ",
        " , . ! ? 's n't",
        "\t\n\r\n\u000b\f\u0085\u2028",
        "\u0000",
        "a\u0000b\u0000",
        "\u0001\u0007\u001b[31m\u007f\u009f",
        "\ufeffBOM \ufffd \uffff",
        "naïve café — “quotes”",
        "e\u0301 and é",
        "日本語 한국어 العربية עברית हिन्दी",
        "👩‍👩‍👧 👍🏽 🇳🇴 𝔊\udbff\udfff",
        "<|endoftext|> <|endoftext|>"
      })
  void aTextComesBackAsItWas(String text) {
    assertThat(tokenizer.toText(tokenizer.toTokens(text, Bos.NONE))).isEqualTo(text);
    assertThat(tokenizer.toText(tokenizer.toTokens(text))).isEqualTo("<|endoftext|>" + text);
  }

  @Test
  void anyCodePointsComeBackAsTheyWere() {
    Random random = new Random(7);
    for (int i = 0; i < 500; i++) {
      String text =
          random
              .ints(0, Character.MAX_CODE_POINT + 1)
              .filter(point -> point < 0xD800 || point > 0xDFFF)
              .limit(random.nextInt(40))
              .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
              .toString();
      assertThat(tokenizer.toText(tokenizer.toTokens(text, Bos.NONE))).isEqualTo(text);
    }
  }

  @Test
  void aSpecialTokenWrittenOutIsThatToken() {
    assertThat(tokenizer.toTokenTexts("John<|endoftext|> Mary", Bos.NONE))
        .endsWith("<|endoftext|>", " Mary");
    assertThat(tokenizer.toTokens("John<|endoftext|> Mary", Bos.NONE)).contains(1035);
  }

  @Test
  void aTokenThatIsPartOfACharacterShowsTheReplacementCharacter() {
    String text = "漢";
    int bytes = text.getBytes(StandardCharsets.UTF_8).length;
    int[] tokens = tokenizer.toTokens(text, Bos.NONE);
    assertThat(tokens).hasSize(bytes);
    assertThat(tokenizer.toTokenTexts(tokens)).isEqualTo(Collections.nCopies(bytes, "\ufffd"));
    assertThat(tokenizer.toText(tokens)).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3})
  void halfOfASurrogatePairIsRefused(int at) {
    for (String half : List.of("\ud83d", "\ude00", "\ude00\ud83d")) {
      String text = "abc".substring(0, at) + half + "d";
      assertThatIllegalArgumentException()
          .isThrownBy(() -> tokenizer.toTokens(text))
          .withMessage(
              "char %d of the text, U+%04X, is half of a surrogate pair without the other half",
              at, (int) half.charAt(0));
    }
  }

  @Test
  void aLongTextIsNotTruncated() {
    String text = " Mary".repeat(5000);
    int mary = tokenizer.toSingleToken(" Mary");
    assertThat(tokenizer.toTokens(text, Bos.NONE))
        .isEqualTo(IntStream.generate(() -> mary).limit(5000).toArray());
    assertThat(tokenizer.toTokens(List.of(text, " Mary"))[1]).containsExactly(1035, mary);
  }

  @ParameterizedTest
  @ValueSource(strings = {" ", "a", "1", "\n", "'", "\u0000", "\t "})
  void aLongRunWithoutWordsIsDoneInLinearTime(String unit) {
    String text = unit.repeat(200_000 / unit.length());
    assertThat(tokenizer.toText(tokenizer.toTokens(text, Bos.NONE))).isEqualTo(text);
  }

  @Test
  void aTextThatNoMemoryWouldHoldIsRefused() {
    String text = "a".repeat(TokenizableText.MAX_CHARS + 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tokenizer.toTokens(text))
        .withMessage("the text has 4194305 chars: at most 4194304 are tokenized at a time");
  }
}
