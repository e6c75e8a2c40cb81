package dev.headlamp.hooks.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.TokenBatch;
import dev.headlamp.engine.TokenLoss;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.SweepMonitor;
import dev.headlamp.tokenizer.Bos;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Losses of windows against runs of each token's own context alone. */
class TextLossTest {

  private static final double EXACT = 1e-10;
  private static final int BOS = 100;
  private static final int[] TEXT = new Random(5).ints(50, 0, 100).toArray();

  private static HookedGpt2 model;
  private static HookedGpt2 demo;

  @BeforeAll
  static void load() throws IOException {
    model = HookedGpt2.load(Fixtures.model("tiny"), DataType.DOUBLE);
    demo = HookedGpt2.load(Fixtures.model("ioi-demo"));
  }

  @AfterAll
  static void close() {
    model.close();
    demo.close();
  }

  private static double[] losses(int[] text, SlidingWindow window) {
    return TextLoss.of(model, text, window, SweepMonitor.NONE).perToken();
  }

  /** Returns −ln p of the last of some tokens, computed from all logits of the others. */
  private static double lossOfLast(int[] tokens) {
    int[] context = Arrays.copyOf(tokens, tokens.length - 1);
    try (INDArray logits = model.run(TokenBatch.of(context))) {
      double[] row = logits.slice(0).slice(context.length - 1).dup('c').data().asDouble();
      double total = Arrays.stream(row).map(Math::exp).sum();
      return Math.log(total) - row[tokens[tokens.length - 1]];
    }
  }

  @Test
  void aTextOfOneWindowHasTheLossesOfOneRun() {
    int[] text = Arrays.copyOf(TEXT, 20);
    try (INDArray logits = model.run(TokenBatch.of(text))) {
      double[] expected = TokenLoss.perToken(logits, TokenBatch.of(text))[0];
      assertThat(losses(text, SlidingWindow.of(20, 7))).containsExactly(expected, within(EXACT));
      assertThat(losses(text, SlidingWindow.of(24, 1))).containsExactly(expected, within(EXACT));
    }
  }

  @Test
  void behindABosTheFirstTokenIsScoredToo() {
    int[] text = Arrays.copyOf(TEXT, 20);
    int[] withBos = IntStream.concat(IntStream.of(BOS), IntStream.of(text)).toArray();
    try (INDArray logits = model.run(TokenBatch.of(withBos))) {
      double[] expected = TokenLoss.perToken(logits, TokenBatch.of(withBos))[0];
      TextLoss loss =
          TextLoss.of(model, text, SlidingWindow.of(21, 5).withBos(BOS), SweepMonitor.NONE);
      assertThat(loss.perToken()).hasSize(20).containsExactly(expected, within(EXACT));
      assertThat(loss.firstToken()).isZero();
      assertThat(loss.mean())
          .isCloseTo(Arrays.stream(expected).average().orElseThrow(), within(EXACT));
      assertThat(loss.perplexity()).isCloseTo(Math.exp(loss.mean()), within(EXACT));
    }
  }

  @ParameterizedTest
  @CsvSource({"16, 8", "16, 15", "16, 1", "2, 1", "24, 5", "17, 16"})
  void everyTokenIsPredictedFromWhatItsFirstWindowHoldsBeforeIt(int length, int stride) {
    double[] plain = losses(TEXT, SlidingWindow.of(length, stride));
    double[] afterBos = losses(TEXT, SlidingWindow.of(length, stride).withBos(BOS));
    assertThat(plain).hasSize(TEXT.length - 1);
    assertThat(afterBos).hasSize(TEXT.length);
    for (int token = 0; token < TEXT.length; token++) {
      if (token > 0) {
        int[] context = Arrays.copyOfRange(TEXT, windowOf(token, length, stride), token + 1);
        assertThat(plain[token - 1]).isCloseTo(lossOfLast(context), within(EXACT));
      }
      int[] held = Arrays.copyOfRange(TEXT, windowOf(token, length - 1, stride), token + 1);
      int[] context = IntStream.concat(IntStream.of(BOS), IntStream.of(held)).toArray();
      assertThat(afterBos[token]).isCloseTo(lossOfLast(context), within(EXACT));
    }
  }

  /** Returns where the first window begins that holds a token. */
  private static int windowOf(int token, int capacity, int stride) {
    int start = 0;
    while (start + capacity <= token) {
      start += stride;
    }
    return start;
  }

  @Test
  void aFileIsItsText(@TempDir Path folder) throws IOException {
    String text = "When Mary and John went to the store, John gave a drink to Mary.\n".repeat(9);
    Path file = Files.writeString(folder.resolve("text.txt"), text);
    SlidingWindow window = SlidingWindow.ofContext(demo.config()).withBos(demo.tokenizer().bosId());
    TextLoss loss = TextLoss.ofFile(demo, file, window, SweepMonitor.NONE);
    assertThat(window).isEqualTo(SlidingWindow.of(64, 32).withBos(demo.tokenizer().bosId()));
    assertThat(loss.tokens()).isEqualTo(demo.tokenizer().toTokens(text, Bos.NONE));
    assertThat(loss.tokens().length).isGreaterThan(64);
    assertThat(loss.perToken()).hasSameSizeAs(loss.tokens());
    assertThat(loss.window()).isEqualTo(window);
  }

  @Test
  void aLongTextIsTokenizedInPiecesAsItIsWhole() {
    String text =
        """
        When Mary and John
        went to

         the store,
          John\r
        gave a

        drink to Mary.
        Then\s
         they
        \t left
        the
        store
        """
            .repeat(20);
    int[] whole = demo.tokenizer().toTokens(text, Bos.NONE);
    for (int piece : new int[] {70, 100, 333, 1000}) {
      assertThat(TextTokens.of(demo.tokenizer(), text, piece)).isEqualTo(whole);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TextTokens.of(demo.tokenizer(), "a b ".repeat(20), 30))
        .withMessageContaining("no single line's end in the 30 characters from 0");
  }

  @Test
  void aCancelledTextHasTheLossesOfItsFirstWindows() {
    SlidingWindow window = SlidingWindow.of(16, 8);
    double[] all = losses(TEXT, window);
    boolean[] cancelled = {false};
    SweepMonitor afterTwo =
        new SweepMonitor() {
          @Override
          public void onProgress(long done, long total) {
            assertThat(total).isEqualTo(6);
            cancelled[0] = done == 2;
          }

          @Override
          public boolean isCancelled() {
            return cancelled[0];
          }
        };
    assertThat(TextLoss.of(model, TEXT, window, afterTwo).perToken())
        .isEqualTo(Arrays.copyOf(all, 15 + 8));
    cancelled[0] = true;
    TextLoss none = TextLoss.of(model, TEXT, window, afterTwo);
    assertThatIllegalStateException().isThrownBy(none::mean).withMessage("no token was scored");
  }

  @Test
  void whatCannotBeScoredIsRefused(@TempDir Path folder) throws IOException {
    SlidingWindow window = SlidingWindow.of(16, 8);
    assertRefused(new int[] {4}, window, "a text of 1 tokens has none to be scored");
    assertRefused(new int[0], window.withBos(BOS), "a text of 0 tokens has none to be scored");
    assertRefused(new int[] {4, 101}, window, "token id 101 is out of range");
    assertRefused(TEXT, window.withBos(-1), "token id -1 is out of range");
    assertRefused(TEXT, SlidingWindow.of(1025, 8), "a window of 1025 tokens does not fit");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SlidingWindow.of(16, 16))
        .withMessage("a stride of 16 does not suit a window of 16 tokens: give 1 to 15");
    assertThatIllegalArgumentException().isThrownBy(() -> SlidingWindow.of(16, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> SlidingWindow.of(1, 1));
    Path file = Files.write(folder.resolve("latin1.txt"), new byte[] {'a', (byte) 0xe9, 'b'});
    assertThatIOException()
        .isThrownBy(() -> TextLoss.ofFile(demo, file, window, SweepMonitor.NONE))
        .withMessage(file + " is not UTF-8 text");
  }

  private static void assertRefused(int[] text, SlidingWindow window, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TextLoss.of(model, text, window, SweepMonitor.NONE))
        .withMessageContaining(message);
  }
}
