package dev.headlamp.experiments.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.headlamp.fixtures.FakeHub;
import dev.headlamp.fixtures.FakeModel;
import dev.headlamp.fixtures.Fault;
import dev.headlamp.fixtures.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A model by name, in a process of its own with an environment of its own. */
class ModelByNameTest {

  private static final String COMMIT = "607a30d783dfa663caf39e06633721c8d4cfcd7e";

  @TempDir private Path folder;

  @Test
  @Timeout(120)
  void aNameIsDownloadedOnceAndServesOfflineAfterwards() throws Exception {
    try (FakeHub hub = new FakeHub()) {
      Path demo = Fixtures.model("ioi-demo");
      FakeModel served = hub.add("gpt2", COMMIT);
      for (String file : List.of("config.json", "tokenizer.json")) {
        served.small(file, Files.readString(demo.resolve(file)));
      }
      served.large("model.safetensors", Files.readAllBytes(demo.resolve("model.safetensors")));

      CommandLineRun refused = run(hub, "--offline");
      assertThat(refused.status()).isEqualTo(2);
      assertThat(refused.err())
          .startsWith("headlamp: gpt2 at revision main is not in the cache")
          .endsWith(" (nor is there a folder %s)%n".formatted(folder.toRealPath().resolve("gpt2")))
          .hasLineCount(1);
      assertThat(hub.requests()).isEmpty();

      hub.failNext("listing", Fault.status(503));
      CommandLineRun downloaded = run(hub);
      assertThat(downloaded.err().strip())
          .isEqualTo(
              "headlamp: asking %s about gpt2 failed (127.0.0.1 answers 503),"
                      .formatted(hub.endpoint())
                  + " trying again in 0.5 s (try 2 of 5)");
      assertThat(Json.parse(downloaded.out()).get("facts").get("model").value()).isEqualTo("gpt2");
      assertThat(downloaded.status()).isZero();
      int requests = hub.requests().size();
      assertThat(requests).isPositive();

      CommandLineRun cached = run(hub, "--offline");
      assertThat(cached.out()).isEqualTo(downloaded.out());
      assertThat(cached.status()).isZero();
      assertThat(hub.requests()).hasSize(requests);

      CommandLineRun unknown = run(hub, "--revision", "no such revision");
      assertThat(unknown.status()).isEqualTo(2);
      assertThat(unknown.err()).startsWith("headlamp: ").hasLineCount(1);
    }
  }

  private CommandLineRun run(FakeHub hub, String... more) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.awt.headless=true",
                "-cp",
                System.getProperty("java.class.path"),
                Headlamp.class.getName(),
                "prompt",
                "--json",
                "--model",
                "gpt2",
                "When Mary and John went to the store, John gave a drink to"));
    command.addAll(List.of(more));
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("HF_"));
    builder
        .environment()
        .putAll(
            Map.of(
                "HF_ENDPOINT", hub.endpoint().toString(),
                "HF_HUB_CACHE", folder.resolve("hub").toString()));
    Process process = builder.start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return new CommandLineRun(
        process.exitValue(), Files.readString(out, UTF_8), Files.readString(err, UTF_8));
  }
}
