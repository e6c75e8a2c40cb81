package dev.headlamp.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What users ask of a tokenizer, on that of the demonstration model (BOS 1035). */
@Tag("smoke")
class TokenizerTest {

  private static final String PROMPT = "When John and Mary went to the store, John gave a drink to";
  private static final List<String> PROMPT_TOKENS =
      List.of(
          "When", " John", " and", " Mary", " went", " to", " the", " store", ",", " John", " gave",
          " a", " drink", " to");

  private static Tokenizer tokenizer;

  @BeforeAll
  static void load() throws TokenizerFormatException {
    tokenizer = DemoTokenizer.load();
  }

  @AfterAll
  static void close() {
    tokenizer.close();
  }

  @Test
  void theBosComesFirstUnlessItIsNotWanted() {
    assertThat(tokenizer.toTokenTexts(PROMPT))
        .startsWith("<|endoftext|>")
        .endsWith(PROMPT_TOKENS.toArray(String[]::new))
        .hasSize(15);
    assertThat(tokenizer.toTokenTexts(PROMPT, Bos.NONE)).isEqualTo(PROMPT_TOKENS);
    assertThat(tokenizer.toTokens(PROMPT)).hasSize(15).startsWith(1035);
    assertThat(tokenizer.toTokens(PROMPT, Bos.NONE)).hasSize(14).doesNotContain(1035);
  }

  @Test
  void theBosIsPrependedEvenToATextThatStartsWithIt() {
    assertThat(tokenizer.toTokens("<|endoftext|>")).containsExactly(1035, 1035);
  }

  @Test
  void onlyIdsInUseAreTokens() {
    assertThat(tokenizer.hasToken(0)).isTrue();
    assertThat(tokenizer.hasToken(1035)).isTrue();
    assertThat(tokenizer.hasToken(1036)).isFalse();
    assertThat(tokenizer.hasToken(-1)).isFalse();
  }

  @Test
  void anEmptyTextIsOnlyTheBos() {
    assertThat(tokenizer.toTokens("")).containsExactly(1035);
    assertThat(tokenizer.toTokens("", Bos.NONE)).isEmpty();
    assertThat(tokenizer.toText()).isEmpty();
    assertThat(tokenizer.toTokenTexts(new int[0])).isEmpty();
  }

  @Test
  void aBatchHasRowsAsLongAsItsTexts() {
    int[][] batch = tokenizer.toTokens(List.of(PROMPT, "", " Mary"));
    assertThat(batch).hasNumberOfRows(3);
    assertThat(batch[0]).isEqualTo(tokenizer.toTokens(PROMPT));
    assertThat(batch[1]).containsExactly(1035);
    assertThat(batch[2]).containsExactly(1035, tokenizer.toSingleToken(" Mary"));
    assertThat(tokenizer.toTokens(List.of(PROMPT, ""), Bos.NONE)[1]).isEmpty();
    assertThat(tokenizer.toTokens(List.of())).hasNumberOfRows(0);
  }

  @Test
  void tokensAreCountedAsTheyAreMade() {
    assertThat(tokenizer.countTokens(PROMPT)).isEqualTo(15);
    assertThat(tokenizer.countTokens(PROMPT, Bos.NONE)).isEqualTo(14);
  }

  @Test
  void everyWordOfTheIoiTaskIsASingleTokenAfterASpace() throws IOException {
    List<String> words =
        Stream.of(
                names(),
                List.of("store", "garden", "restaurant", "school"),
                List.of("hospital", "office", "house", "station"),
                List.of("ring", "kiss", "bone", "basketball"),
                List.of("computer", "necklace", "drink", "snack"))
            .flatMap(List::stream)
            .toList();
    assertThat(words).hasSize(99 + 8 + 8);
    assertThat(words)
        .allSatisfy(
            word -> {
              int token = tokenizer.toSingleToken(" " + word);
              assertThat(tokenizer.toText(token)).isEqualTo(" " + word);
            });
  }

  private static List<String> names() throws IOException {
    try (InputStream in = TokenizerTest.class.getResourceAsStream("/ioi/names.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }

  @Test
  void aTextOfSeveralTokensIsNoSingleToken() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tokenizer.toSingleToken(" John and"))
        .withMessage("\" John and\" is not a single token but 2: [\" John\", \" and\"]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tokenizer.toSingleToken(""))
        .withMessage("\"\" is not a single token but 0: []");
  }

  @Test
  void aTokenIsFoundFirstLastAndEverywhere() {
    int[] prompt = tokenizer.toTokens(PROMPT);
    assertThat(tokenizer.firstPosition(" John", prompt)).isEqualTo(2);
    assertThat(tokenizer.lastPosition(" John", prompt)).isEqualTo(10);
    assertThat(tokenizer.positions(" John", prompt)).containsExactly(2, 10);
    assertThat(tokenizer.positions("<|endoftext|>", prompt)).containsExactly(0);
    assertThat(tokenizer.firstPosition(" John", tokenizer.toTokens(PROMPT, Bos.NONE))).isEqualTo(1);
  }

  @Test
  void anAbsentTokenIsReportedWithThePrompt() {
    int[] prompt = tokenizer.toTokens("John and Mary", Bos.NONE);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tokenizer.lastPosition(" store", prompt))
        .withMessageStartingWith("\" store\" does not occur in the prompt: [")
        .withMessageEndingWith("\" and\", \" Mary\"]");
  }

  @Test
  void anIdOutOfTheVocabularyIsRefused() {
    assertThat(tokenizer.vocabularySize()).isEqualTo(1036);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tokenizer.toText(5, 1036))
        .withMessage("token id 1036 is out of range: this vocabulary has ids 0 to 1035");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tokenizer.toTokenTexts(-1))
        .withMessage("token id -1 is out of range: this vocabulary has ids 0 to 1035");
  }
}
