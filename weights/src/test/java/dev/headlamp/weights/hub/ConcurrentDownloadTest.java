package dev.headlamp.weights.hub;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.headlamp.fixtures.FakeHub;
import dev.headlamp.fixtures.FakeModel;
import dev.headlamp.fixtures.Fault;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several who want the same model at once, and some who are stopped. */
@Timeout(60)
class ConcurrentDownloadTest extends HubTestCase {

  private static final String FILE = "model.safetensors";

  @BeforeEach
  void addModel() {
    addModel("gpt2");
  }

  /** What a second process runs: locates gpt2 at the endpoint and in the cache that are given. */
  static final class OtherProcess {
    public static void main(String[] arguments) throws IOException {
      Path found =
          ModelLocator.with(
                  new HubSettings(
                      URI.create(arguments[0]),
                      Path.of(arguments[1]),
                      null,
                      false,
                      Duration.ofSeconds(20)))
              .locate("gpt2");
      System.out.println(found);
    }
  }

  @Test
  void threadsThatWantTheSameModelFetchItOnce() throws Exception {
    hub.failNext(FILE, Fault.slow(PATIENCE.toMillis() / 2));
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<Path>> found = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        found.add(threads.submit(() -> locator().locate("gpt2")));
      }
      for (Future<Path> path : found) {
        assertThat(path.get().resolve(FILE)).hasBinaryContent(weights);
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(hub.requestsToCdn()).hasSize(1);
  }

  @Test
  void processesThatWantTheSameModelFetchItOnce() throws Exception {
    hub.failNext(FILE, Fault.slow(1000));
    Process first = otherProcess();
    Process second = otherProcess();

    assertThat(first.waitFor())
        .as(new String(first.getErrorStream().readAllBytes(), UTF_8))
        .isZero();
    assertThat(second.waitFor())
        .as(new String(second.getErrorStream().readAllBytes(), UTF_8))
        .isZero();
    assertThat(Path.of(first.inputReader().readLine()).resolve(FILE)).hasBinaryContent(weights);
    assertThat(hub.requestsToCdn()).hasSize(1);
  }

  @Test
  void whatAKilledProcessHasFetchedIsGoneOnWith() throws Exception {
    hub.failNext(FILE, Fault.silentAt(200_000, 5000));
    Process killed = otherProcess();
    while (!hasFetched(200_000)) {
      assertThat(killed.isAlive()).isTrue();
      Thread.sleep(20);
    }
    killed.destroyForcibly().waitFor();

    assertThat(locator().locate("gpt2").resolve(FILE)).hasBinaryContent(weights);
    assertThat(hub.requestsToCdn())
        .extracting(FakeHub.Request::range)
        .containsExactly(null, "bytes=200000-");
  }

  @Test
  void anInterruptedDownloadGoesOnInTheNextCall() throws Exception {
    hub.failNext(FILE, Fault.silentAt(200_000, 5000));
    Interrupted interrupted = interruptWhen(() -> hasFetched(200_000));

    assertThat(interrupted.failure())
        .isInstanceOf(HubException.class)
        .hasMessageContaining("interrupted: the download of gpt2");
    assertThat(interrupted.flag()).isTrue();

    assertThat(locator().locate("gpt2").resolve(FILE)).hasBinaryContent(weights);
    assertThat(hub.requestsToCdn().get(1).range()).isEqualTo("bytes=200000-");
  }

  @Test
  void whoWaitsForAnotherCanBeInterrupted() throws Exception {
    Path lock = cache.resolve(".locks/models--gpt2/" + FakeModel.sha256(weights) + ".lock");
    DownloadLock held = DownloadLock.acquire(lock, () -> {});
    try {
      Path lastBefore = cache.resolve("models--gpt2/snapshots/" + COMMIT + "/merges.txt");
      Interrupted interrupted = interruptWhen(() -> Files.exists(lastBefore));
      assertThat(interrupted.failure()).hasMessageContaining("interrupted");
      assertThat(isLockedInTheKernel(lock)).as("whoever gives up leaves the lock alone").isTrue();
    } finally {
      held.close();
    }
    assertThat(hub.requestsToCdn()).isEmpty();
  }

  private record Interrupted(Exception failure, boolean flag) {}

  /** Locates gpt2 in a thread that is interrupted once something is so. */
  private Interrupted interruptWhen(Callable<Boolean> ready) throws Exception {
    AtomicReference<Interrupted> result = new AtomicReference<>();
    // Silence must end by the interrupt, not by the locator's own patience.
    HubSettings patient =
        new HubSettings(hub.endpoint(), cache, null, false, Duration.ofSeconds(30));
    Thread thread =
        new Thread(
            () -> {
              try {
                locator(patient).locate("gpt2");
              } catch (HubException e) {
                result.set(new Interrupted(e, Thread.currentThread().isInterrupted()));
              }
            });
    thread.start();
    while (!ready.call()) {
      assertThat(thread.isAlive()).isTrue();
      Thread.sleep(10);
    }
    thread.interrupt();
    thread.join(10_000);
    assertThat(thread.isAlive()).isFalse();
    return result.get();
  }

  /** Linux lists the locks of all processes by inode; elsewhere this is taken on trust. */
  private static boolean isLockedInTheKernel(Path lock) throws IOException {
    Path locks = Path.of("/proc/locks");
    return !Files.exists(locks)
        || Files.readString(locks).contains(":" + Files.getAttribute(lock, "unix:ino") + " ");
  }

  private boolean hasFetched(long bytes) throws IOException {
    Path incomplete = incomplete("models--gpt2");
    return Files.exists(incomplete) && Files.size(incomplete) >= bytes;
  }

  private Process otherProcess() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            OtherProcess.class.getName(),
            hub.endpoint().toString(),
            cache.toString())
        .start();
  }
}
