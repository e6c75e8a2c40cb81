package dev.headlamp.weights.hub;

import dev.headlamp.fixtures.FakeHub;
import dev.headlamp.fixtures.FakeModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A local hub with a small model, an empty cache, and a locator that waits for nothing. */
abstract class HubTestCase {

  static final String COMMIT = "607a30d783dfa663caf39e06633721c8d4cfcd7e";
  static final String OTHER_COMMIT = "11c5a3d5811f50298f278a704980280950aedb10";
  static final Duration PATIENCE = Duration.ofMillis(400);

  @TempDir Path folder;
  Path cache;
  FakeHub hub;

  /** The waits between tries that were asked for. */
  final List<Duration> waits = new CopyOnWriteArrayList<>();

  final byte[] weights = randomBytes(300_000);

  @BeforeEach
  void startHub() throws IOException {
    cache = folder.resolve("hub");
    hub = new FakeHub();
  }

  @AfterEach
  void stopHub() {
    hub.close();
  }

  /** Adds a model with everything in it that is needed, and much that is not. */
  FakeModel addModel(String name) {
    return hub.add(name, COMMIT)
        .small("config.json", "{\"model_type\": \"gpt2\"}")
        .small("tokenizer.json", "{\"version\": \"1.0\"}")
        .small("vocab.json", "{}")
        .small("merges.txt", "#version: 0.2\n")
        .small("README.md", "# not needed\n")
        .large("pytorch_model.bin", randomBytes(1000))
        .large("tf_model.h5", randomBytes(1000))
        .large("model.safetensors", weights);
  }

  HubSettings settings() {
    return settings(null);
  }

  HubSettings settings(@Nullable String token) {
    return new HubSettings(hub.endpoint(), cache, token, false, PATIENCE);
  }

  ModelLocator locator() {
    return locator(settings());
  }

  ModelLocator locator(HubSettings settings) {
    return new ModelLocator(settings, policy(), CachedModel.Links.SYMBOLIC);
  }

  RetryPolicy policy() {
    return new RetryPolicy(
        4, Duration.ofSeconds(1), Duration.ofSeconds(30), Duration.ofMinutes(10), waits::add);
  }

  /** Returns the cache's files below a model's folder, as text, sorted. */
  List<String> cached(String modelFolder) {
    try (Stream<Path> all = Files.walk(cache.resolve(modelFolder))) {
      return all.filter(path -> !Files.isDirectory(path))
          .map(path -> cache.resolve(modelFolder).relativize(path).toString())
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Path incomplete(String modelFolder) {
    return cache.resolve(
        modelFolder + "/blobs/" + FakeModel.sha256(weights) + ".headlamp.incomplete");
  }

  static byte[] randomBytes(int count) {
    byte[] bytes = new byte[count];
    new Random(count).nextBytes(bytes);
    return bytes;
  }
}
