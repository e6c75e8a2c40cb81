package dev.headlamp.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TokenizerTest {

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
    assertThat(tokenizer.toTokenTexts("When John and Mary went"))
        .containsExactly("<|endoftext|>", "When", " John", " and", " Mary", " went");
    assertThat(tokenizer.toTokenTexts("When John", Bos.NONE)).containsExactly("When", " John");
  }
}
