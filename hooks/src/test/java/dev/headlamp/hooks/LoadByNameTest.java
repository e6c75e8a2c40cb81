package dev.headlamp.hooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.TokenBatch;
import dev.headlamp.fixtures.FakeHub;
import dev.headlamp.fixtures.FakeModel;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.weights.SafetensorsFile;
import dev.headlamp.weights.hub.DownloadProgress;
import dev.headlamp.weights.hub.HubException;
import dev.headlamp.weights.hub.HubSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A name becomes a model that computes: from a hub on this machine, then from the cache. */
class LoadByNameTest {

  private static final String COMMIT = "607a30d783dfa663caf39e06633721c8d4cfcd7e";

  @TempDir private Path cache;
  private FakeHub hub;

  @BeforeEach
  void startAHubWithTheDemoModel() throws IOException {
    hub = new FakeHub();
    Path demo = Fixtures.model("ioi-demo");
    FakeModel served = hub.add("gpt2", COMMIT);
    for (String file : List.of("config.json", "tokenizer.json")) {
      served.small(file, Files.readString(demo.resolve(file)));
    }
    served.large("model.safetensors", Files.readAllBytes(demo.resolve("model.safetensors")));
  }

  @AfterEach
  void stopTheHub() {
    hub.close();
  }

  @Test
  void aNameIsDownloadedAndTheModelComputesWhatHuggingFaceDoes() throws IOException {
    try (HookedGpt2 model = HookedGpt2.load("gpt2", options())) {
      assertComputesTheReference(model);
      assertThat(model.tokenizer().toText(model.config().eosTokenId())).isEqualTo("<|endoftext|>");
    }
  }

  @Test
  void aDownloadedModelIsCalledByTheNameAskedFor() throws IOException {
    try (HookedGpt2 model = HookedGpt2.load("gpt2-small", options())) {
      assertThat(model.config().name()).isEqualTo("gpt2-small");
    }
    try (HookedGpt2 model = HookedGpt2.load("gpt2", options().withRevision("checkpoint-100"))) {
      assertThat(model.config().name()).isEqualTo("gpt2@checkpoint-100");
      assertThatThrownBy(() -> model.config().checkLayer(4))
          .hasMessage("layer 4 is out of range: gpt2@checkpoint-100 has layers 0 to 3");
    }
  }

  @Test
  void aRevisionIsAskedOfTheHub() throws IOException {
    HookedGpt2.load("gpt2", options().withRevision("checkpoint-100")).close();
    assertThat(hub.requests())
        .extracting(FakeHub.Request::path)
        .contains("/api/models/gpt2/revision/checkpoint-100");
  }

  @Test
  void whatWasDownloadedIsLoadedAgainWithoutTheHub() throws IOException {
    HookedGpt2.load("gpt2", options()).close();
    hub.close();
    LoadOptions offline = options().withHub(settings().withOffline(true));
    try (HookedGpt2 model = HookedGpt2.load("gpt2", offline.withType(DataType.DOUBLE))) {
      assertThat(model.dataType()).isEqualTo(DataType.DOUBLE);
      assertComputesTheReference(model);
    }
  }

  @Test
  void offlineAModelThatIsNotCachedIsRefusedWithoutARequest() {
    LoadOptions offline = options().withHub(settings().withOffline(true));
    assertThatThrownBy(() -> HookedGpt2.load("gpt2", offline))
        .isInstanceOf(HubException.class)
        .hasMessageStartingWith("gpt2 at revision main is not in the cache " + cache);
    assertThat(hub.requests()).isEmpty();
  }

  @Test
  void theListenerIsToldOfEveryByte() throws IOException {
    List<DownloadProgress> told = new CopyOnWriteArrayList<>();
    HookedGpt2.load("gpt2", options().withListener(told::add)).close();
    DownloadProgress last = told.get(told.size() - 1);
    long bytes = 0;
    for (String file : List.of("config.json", "tokenizer.json", "model.safetensors")) {
      bytes += Files.size(Fixtures.model("ioi-demo").resolve(file));
    }
    assertThat(last.bytes()).isEqualTo(bytes);
    assertThat(last.size()).isEqualTo(bytes);
  }

  @Test
  void aFolderGoesBeforeTheHubAndIsCalledByItsOwnName() throws IOException {
    try (HookedGpt2 model = HookedGpt2.load(Fixtures.model("ioi-demo").toString(), options())) {
      assertThat(model.config().name()).isEqualTo("ioi-demo");
    }
    assertThat(hub.requests()).isEmpty();
  }

  private static void assertComputesTheReference(HookedGpt2 model) throws IOException {
    try (SafetensorsFile reference =
            SafetensorsFile.open(Fixtures.file("ioi-demo", "reference.safetensors"));
        INDArray tokens = reference.read("tokens");
        INDArray expected = reference.read("f64.logits", DataType.DOUBLE);
        INDArray logits = model.run(TokenBatch.of(tokens.toIntMatrix()))) {
      double largest = logits.castTo(DataType.DOUBLE).subi(expected).amaxNumber().doubleValue();
      assertThat(largest).isCloseTo(0, within(1e-4));
    }
  }

  private LoadOptions options() {
    return LoadOptions.defaults().withHub(settings());
  }

  private HubSettings settings() {
    return new HubSettings(hub.endpoint(), cache, null, false, Duration.ofSeconds(5));
  }
}
