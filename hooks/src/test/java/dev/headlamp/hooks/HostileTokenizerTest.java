package dev.headlamp.hooks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headlamp.engine.TokenBatch;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.fixtures.JsonMutator;
import dev.headlamp.fixtures.VirtualMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A model whose tokenizer comes from hostile hands: whatever its files say, loading it and giving
 * it a text ends in an answer or in an exception that says what is wrong; soon, without memory for
 * what is not there, and without ending the JVM, which the native tokenizer could.
 */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HostileTokenizerTest {

  private static final String TOKENIZER = "tokenizer.json";
  private static final String VOCABULARY = "vocab.json";
  private static final String MERGES = "merges.txt";
  private static final String TEXT = "When Mary and John 漢字 😀 \t\n 's<|endoftext|> <pad>";

  /** More than the allocators reserve. */
  private static final long SLACK_KIB = 1 << 20;

  @TempDir private Path folder;

  @BeforeEach
  void copyATinyModel() throws IOException {
    for (String file : List.of("config.json", "model.safetensors")) {
      Files.copy(Fixtures.file("tiny", file), folder.resolve(file));
    }
  }

  @Test
  void aDamagedTokenizerIsRefusedOrTokenizes() throws IOException {
    JsonMutator mutator = new JsonMutator(21, demo(TOKENIZER));
    assertEachIsRefusedOrTokenizes(600, TOKENIZER, mutator::next);
  }

  @Test
  void damagedPartsAroundTheVocabularyAreRefusedOrTokenize() throws IOException {
    String sound = demo(TOKENIZER);
    int vocabulary = sound.indexOf("\"vocab\"");
    String head = withEveryPart(sound.substring(0, vocabulary));
    String tail = sound.substring(vocabulary);
    Files.writeString(folder.resolve(TOKENIZER), head + tail);
    assertThat(loadsAndTokenizes()).isTrue();
    JsonMutator mutator = new JsonMutator(20, head);
    assertEachIsRefusedOrTokenizes(600, TOKENIZER, () -> mutator.next() + tail);
  }

  /** Puts something into each part that the demo model leaves empty and the format knows. */
  private static String withEveryPart(String head) {
    return head.replace(
            "\"truncation\": null",
            """
            "truncation": {"direction": "Right", "max_length": 8, "strategy": "LongestFirst",
             "stride": 2}""")
        .replace(
            "\"padding\": null",
            """
            "padding": {"strategy": {"Fixed": 64}, "direction": "Left", "pad_id": 3,
             "pad_to_multiple_of": 8, "pad_type_id": 0, "pad_token": "#"}""")
        .replaceFirst(
            "\"post_processor\": \\{[^}]*}",
            """
            "post_processor": {"type": "TemplateProcessing", "single":
             [{"SpecialToken": {"id": "<|endoftext|>", "type_id": 0}},
              {"Sequence": {"id": "A", "type_id": 0}}], "pair":
             [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}],
             "special_tokens": {"<|endoftext|>": {"id": "<|endoftext|>", "ids": [1035],
              "tokens": ["<|endoftext|>"]}}}""");
  }

  @Test
  void aDamagedVocabularyIsRefusedOrTokenizes() throws IOException {
    copy(MERGES);
    JsonMutator mutator = new JsonMutator(22, demo(VOCABULARY));
    assertEachIsRefusedOrTokenizes(300, VOCABULARY, mutator::next);
  }

  @Test
  void damagedMergesAreRefusedOrTokenize() throws IOException {
    copy(VOCABULARY);
    String sound = demo(MERGES);
    SplittableRandom random = new SplittableRandom(23);
    assertEachIsRefusedOrTokenizes(300, MERGES, () -> damaged(sound, random));
  }

  @Test
  void damagedNamesOfSpecialTokensAreRefusedOrTokenize() throws IOException {
    copy(TOKENIZER);
    String sound =
        """
        {"bos_token": {"content": "<|endoftext|>", "lstrip": false, "special": true},
         "eos_token": "<|endoftext|>", "pad_token": "<pad>", "model_max_length": 1024,
         "added_tokens_decoder": {"1035": {"content": "<|endoftext|>"}}}
        """;
    for (String file : List.of("tokenizer_config.json", "special_tokens_map.json")) {
      JsonMutator mutator = new JsonMutator(24, sound);
      assertEachIsRefusedOrTokenizes(200, file, mutator::next);
      Files.delete(folder.resolve(file));
    }
  }

  private void assertEachIsRefusedOrTokenizes(int count, String file, Supplier<String> damaged)
      throws IOException {
    long before = VirtualMemory.peakKib();
    int refused = 0;
    for (int i = 0; i < count; i++) {
      Files.writeString(folder.resolve(file), damaged.get());
      refused += loadsAndTokenizes() ? 0 : 1;
    }
    assertThat(refused).as("refused of %d", count).isBetween(1, count - 1);
    assertThat(VirtualMemory.peakKib() - before).isLessThan(SLACK_KIB);
  }

  /** Any other exception than those that the methods state fails the test. */
  private boolean loadsAndTokenizes() {
    try (HookedGpt2 model = HookedGpt2.load(folder)) {
      TokenBatch tokens = model.toTokens(TEXT);
      assertThat(model.tokenizer().toText(tokens.prompt(0))).isNotEmpty();
      assertThat(model.tokenText(tokens.prompt(0)[1])).isNotEmpty();
      return true;
    } catch (IOException e) {
      assertThat(e).hasMessageStartingWith(folder.toString());
      return false;
    } catch (IllegalStateException e) {
      assertThat(e).hasMessageContaining("has no beginning-of-sequence token");
      return false;
    }
  }

  /** Flips a bit, cuts the text off, leaves some of it out, or adds some of it once more. */
  private static String damaged(String text, SplittableRandom random) {
    int at = random.nextInt(text.length());
    int end = Math.min(text.length(), at + 1 + random.nextInt(20));
    return switch (random.nextInt(4)) {
      case 0 ->
          text.substring(0, at)
              + (char) (text.charAt(at) ^ (1 << random.nextInt(8)))
              + text.substring(at + 1);
      case 1 -> text.substring(0, at);
      case 2 -> text.substring(0, at) + text.substring(end);
      default -> text.substring(0, end) + text.substring(at);
    };
  }

  private void copy(String... files) throws IOException {
    for (String file : files) {
      Files.copy(Fixtures.model("ioi-demo").resolve(file), folder.resolve(file));
    }
  }

  private static String demo(String file) throws IOException {
    return Files.readString(Fixtures.model("ioi-demo").resolve(file));
  }
}
