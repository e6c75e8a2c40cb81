package dev.headlamp.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** GPT-2's own vocabulary, against jtokkit's. */
class Gpt2VocabularyTest {

  private static final Encoding JTOKKIT =
      Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.R50K_BASE);

  /** What texts are made of: each is drawn from as often as any other. */
  private static final List<List<String>> ALPHABETS =
      List.of(
          List.of("a", "b", "e", "n", "o", "t", "T", "Z"),
          List.of(" the", " Mary", " John", " gave", "ing", "store", " IOI", "tokenization"),
          List.of("'s", "'re", "'ll", "'t", "'S", "'", "’s", " 'd"),
          List.of("0", "7", "42", "1999", "3.14", "²", "½", "٣"),
          List.of(" ", "  ", "    ", "\n", "\n\n", "\t", "\r\n", "\u00a0"),
          List.of(".", ",", "!?", "--", "(", ")", "<|", "|>"),
          List.of("\u0000", "\u0001", "\u0007", "\u001b", "\u007f", "\u200b", "\ufeff", "\ufffd"),
          List.of("é", "ß", "Ж", "λ", "中", "日本", "हि", "e\u0301"),
          List.of("😀", "👩‍👩‍👧", "🇳🇴", "👍🏽", "❤️", "𝔸", "🫠", "\u20e3"));

  private static Tokenizer tokenizer;

  @BeforeAll
  static void load(@TempDir Path folder) throws IOException {
    Gpt2Files.writeTo(folder);
    tokenizer = Tokenizer.load(folder);
  }

  @AfterAll
  static void close() {
    tokenizer.close();
  }

  @Test
  void theVocabularyIsGpt2s() {
    assertThat(tokenizer.vocabularySize()).isEqualTo(50257);
    assertThat(List.of(tokenizer.bosId(), tokenizer.eosId(), tokenizer.padId()))
        .containsOnly(50256);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tokenizer.toText(50257))
        .withMessage("token id 50257 is out of range: this vocabulary has ids 0 to 50256");
  }

  @Test
  void publishedIdsAreReproduced() {
    assertThat(tokenizer.toTokens("Hello world")).containsExactly(50256, 15496, 995);
    List<String> names =
        List.of(" Mary", " John", " Tom", " James", " Dan", " Sid", " Martin", " Amy");
    assertThat(names.stream().map(tokenizer::toSingleToken))
        .containsExactly(5335, 1757, 4186, 3700, 6035, 15686, 5780, 14235);
  }

  @Test
  void theFirstPromptOfTheCourseHasItsPublishedTokens() {
    assertThat(
            tokenizer.toTokenTexts(
                "After John and Mary went to the store, John gave a bottle of milk to"))
        .containsExactly(
            "<|endoftext|>",
            "After",
            " John",
            " and",
            " Mary",
            " went",
            " to",
            " the",
            " store",
            ",",
            " John",
            " gave",
            " a",
            " bottle",
            " of",
            " milk",
            " to");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void mixedTextsHaveJtokkitsTokens(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 1000; i++) {
      String text = text(random);
      int[] tokens = tokenizer.toTokens(text, Bos.NONE);
      assertThat(tokens).as(text).isEqualTo(JTOKKIT.encodeOrdinary(text).toArray());
      assertThat(tokenizer.toText(tokens)).isEqualTo(text);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {5, 6})
  void lettersOfAllScriptsHaveJtokkitsTokens(long seed) {
    int[] letters =
        random(seed).ints(0, 0x20000).filter(Character::isLetter).limit(20_000).toArray();
    for (int start = 0; start < letters.length; start += 20) {
      String text = new String(letters, start, 20);
      int[] tokens = tokenizer.toTokens(text, Bos.NONE);
      assertThat(tokens).as(text).isEqualTo(JTOKKIT.encodeOrdinary(text).toArray());
      assertThat(tokenizer.toText(tokens)).isEqualTo(text);
    }
  }

  private static Random random(long seed) {
    return new Random(seed);
  }

  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    int pieces = random.nextInt(30);
    for (int i = 0; i < pieces; i++) {
      List<String> alphabet = ALPHABETS.get(random.nextInt(ALPHABETS.size()));
      text.append(alphabet.get(random.nextInt(alphabet.size())));
    }
    return text.toString();
  }
}
