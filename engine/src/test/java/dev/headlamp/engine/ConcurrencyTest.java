package dev.headlamp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** One model gives the same numbers again and again, to one thread and to many at once. */
class ConcurrencyTest {

  private static final int THREADS = 8;
  private static final int RUNS_PER_THREAD = 10;
  private static final TokenBatch TOKENS =
      TokenBatch.of(new int[] {5, 17, 99, 3, 42, 0, 8, 77}, new int[] {1, 2, 3});

  @Test
  void identicalRunsAreIdenticalToTheLastBit() {
    double[] first = logits(Tap.NONE);
    for (int i = 0; i < 20; i++) {
      assertThat(logits(Tap.NONE)).isEqualTo(first);
    }
  }

  @Test
  void manyThreadsWithTheirOwnHooksGetWhatEachWouldGetAlone() throws Exception {
    List<double[]> alone = new ArrayList<>();
    for (int head = 0; head < THREADS; head++) {
      alone.add(logits(withoutHead(head)));
    }
    assertThat(alone).doesNotHaveDuplicates();
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      List<Callable<List<double[]>>> tasks = new ArrayList<>();
      for (int head = 0; head < THREADS; head++) {
        Tap tap = withoutHead(head);
        tasks.add(() -> repeated(tap));
      }
      List<Future<List<double[]>>> together = threads.invokeAll(tasks);
      for (int head = 0; head < THREADS; head++) {
        for (double[] logits : together.get(head).get()) {
          assertThat(logits).as("without head " + head).isEqualTo(alone.get(head));
        }
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static List<double[]> repeated(Tap tap) {
    List<double[]> all = new ArrayList<>();
    for (int i = 0; i < RUNS_PER_THREAD; i++) {
      all.add(logits(tap));
    }
    return all;
  }

  /** Silences one of the model's eight heads. */
  private static Tap withoutHead(int head) {
    int nHeads = Tiny.CONFIG.nHeads();
    return EditTap.at(
        HookPoint.of(Activation.Z, head / nHeads),
        z -> {
          var ofHead = NDArrayIndex.point(head % nHeads);
          z.get(NDArrayIndex.all(), NDArrayIndex.all(), ofHead, NDArrayIndex.all()).assign(0);
          return z;
        });
  }

  private static double[] logits(Tap tap) {
    try (RunResult result = Tiny.FLOAT.run(RunSpec.of(TOKENS).withTap(tap))) {
      return Values.of(result.logits());
    }
  }
}
