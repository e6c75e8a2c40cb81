package dev.headlamp.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Threads, closing, and what loading must not bring along. */
class LifecycleTest {

  @Test
  void severalThreadsGetTheTokensThatOneGets() throws Exception {
    try (Tokenizer tokenizer = DemoTokenizer.load()) {
      String text = "When John and Mary went to the store, 漢字 😀 ".repeat(20);
      int[] expected = tokenizer.toTokens(text);
      ExecutorService threads = Executors.newFixedThreadPool(4);
      try {
        List<Future<int[]>> results = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
          results.add(
              threads.submit(() -> tokenizer.toTokens(tokenizer.toText(expected), Bos.NONE)));
        }
        for (Future<int[]> result : results) {
          assertThat(result.get()).isEqualTo(expected);
        }
      } finally {
        threads.shutdownNow();
      }
    }
  }

  @Test
  void closingWaitsForTheCallsInProgress() throws Exception {
    for (int round = 0; round < 20; round++) {
      Tokenizer tokenizer = DemoTokenizer.load();
      CountDownLatch started = new CountDownLatch(2);
      ExecutorService threads = Executors.newFixedThreadPool(2);
      try {
        List<Future<?>> users = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
          users.add(threads.submit(() -> tokenizeUntilClosed(tokenizer, started)));
        }
        started.await();
        tokenizer.close();
        for (Future<?> user : users) {
          user.get();
        }
      } finally {
        threads.shutdownNow();
      }
    }
  }

  private static void tokenizeUntilClosed(Tokenizer tokenizer, CountDownLatch started) {
    assertThatIllegalStateException()
        .isThrownBy(
            () -> {
              while (true) {
                tokenizer.toText(tokenizer.toTokens("When John and Mary went to the store"));
                started.countDown();
              }
            })
        .withMessage("this tokenizer has been closed");
  }

  @Test
  void aClosedTokenizerSaysSo() throws TokenizerFormatException {
    Tokenizer tokenizer = DemoTokenizer.load();
    tokenizer.close();
    tokenizer.close();
    assertThatIllegalStateException()
        .isThrownBy(() -> tokenizer.toTokens("a"))
        .withMessage("this tokenizer has been closed");
    assertThatIllegalStateException().isThrownBy(() -> tokenizer.toText(1));
  }

  @Test
  void telemetryGpuProbingAndDownloadsAreNotOnTheClassPath() {
    assertThatExceptionOfType(ClassNotFoundException.class)
        .isThrownBy(() -> Class.forName("ai.djl.util.Ec2Utils"));
    assertThatExceptionOfType(ClassNotFoundException.class)
        .isThrownBy(() -> Class.forName("ai.djl.util.cuda.CudaUtils"));
  }

  @Test
  void platformsAreNamedAsInTheJar() {
    assertThat(NativeLibrary.platform("Linux", "amd64")).isEqualTo("linux-x86_64");
    assertThat(NativeLibrary.platform("Mac OS X", "aarch64")).isEqualTo("osx-aarch64");
    assertThat(NativeLibrary.platform("Windows 11", "amd64")).isEqualTo("win-x86_64");
  }
}
