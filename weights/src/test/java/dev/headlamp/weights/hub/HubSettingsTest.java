package dev.headlamp.weights.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The variables and defaults are those of huggingface_hub's constants.py. */
class HubSettingsTest {

  @TempDir Path home;

  @Test
  void withNoVariablesTheDefaultsArePythons() throws HubException {
    assertThat(settings(Map.of()))
        .isEqualTo(
            new HubSettings(
                URI.create("https://huggingface.co"),
                home.resolve(".cache/huggingface/hub"),
                null,
                false,
                Duration.ofSeconds(10)));
  }

  @Test
  void theCacheIsWhereTheMostSpecificVariableSays() throws HubException {
    Map<String, String> all =
        Map.of("XDG_CACHE_HOME", "/xdg", "HF_HOME", "/hf", "HF_HUB_CACHE", "/cache");
    assertThat(settings(all).cacheFolder()).isEqualTo(Path.of("/cache"));
    assertThat(settings(Map.of("XDG_CACHE_HOME", "/xdg", "HF_HOME", "/hf")).cacheFolder())
        .isEqualTo(Path.of("/hf/hub"));
    assertThat(settings(Map.of("XDG_CACHE_HOME", "/xdg")).cacheFolder())
        .isEqualTo(Path.of("/xdg/huggingface/hub"));
    assertThat(settings(Map.of("HUGGINGFACE_HUB_CACHE", "/old")).cacheFolder())
        .isEqualTo(Path.of("/old"));
  }

  @Test
  void homeAndVariablesInAPathAreExpanded() throws HubException {
    assertThat(settings(Map.of("HF_HOME", "~/models")).cacheFolder())
        .isEqualTo(home.resolve("models/hub"));
    assertThat(settings(Map.of("HF_HUB_CACHE", "$DISK/${SUB}/hub", "DISK", "/d", "SUB", "s")))
        .extracting(HubSettings::cacheFolder)
        .isEqualTo(Path.of("/d/s/hub"));
  }

  @Test
  void theTokenIsTheVariableOrElseTheFileThatPythonKeeps() throws IOException {
    Path kept = home.resolve(".cache/huggingface/token");
    Files.createDirectories(kept.getParent());
    Files.writeString(kept, "hf_kept\n");
    Path other = Files.writeString(home.resolve("other"), "hf_other");

    assertThat(settings(Map.of()).token()).isEqualTo("hf_kept");
    assertThat(settings(Map.of("HF_TOKEN_PATH", other.toString())).token()).isEqualTo("hf_other");
    assertThat(settings(Map.of("HF_TOKEN", " hf_given\n")).token()).isEqualTo("hf_given");
  }

  @ParameterizedTest
  @CsvSource({"1,true", "on,true", "Yes,true", "TRUE,true", "0,false", "false,false", "'',false"})
  void offlineIsWhatPythonTakesForTrue(String value, boolean offline) throws HubException {
    assertThat(settings(Map.of("HF_HUB_OFFLINE", value)).offline()).isEqualTo(offline);
  }

  @Test
  void anEndpointMayEndWithASlash() throws HubException {
    assertThat(settings(Map.of("HF_ENDPOINT", "https://mirror.example/hf/")).endpoint())
        .isEqualTo(URI.create("https://mirror.example/hf"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"huggingface.co", "ftp://x", "http://", "https://a:b@x", "https://x?y", "not one"})
  void anEndpointThatIsNoPlainAddressIsRefused(String endpoint) {
    assertThatThrownBy(() -> settings(Map.of("HF_ENDPOINT", endpoint)))
        .isInstanceOf(HubException.class)
        .hasMessageStartingWith("environment: ");
  }

  @Test
  void aTimeoutThatIsNoNumberIsRefused() {
    assertThatThrownBy(() -> settings(Map.of("HF_HUB_DOWNLOAD_TIMEOUT", "soon")))
        .hasMessage("HF_HUB_DOWNLOAD_TIMEOUT (soon) must be a whole number of seconds");
    assertThatThrownBy(() -> settings(Map.of("HF_HUB_DOWNLOAD_TIMEOUT", "0")))
        .hasMessageContaining("must be more than zero");
  }

  @Test
  void aTokenIsNeverShown() throws HubException {
    assertThat(settings(Map.of("HF_TOKEN", "hf_secret")).toString())
        .contains("token=set")
        .doesNotContain("hf_secret");
    assertThatThrownBy(() -> settings(Map.of("HF_TOKEN", "hf_secret\nX-Other: 1")))
        .isInstanceOf(HubException.class)
        .hasMessageContaining("visible ASCII")
        .message()
        .doesNotContain("hf_secret");
  }

  private HubSettings settings(Map<String, String> variables) throws HubException {
    return new HubEnvironment(variables, home).settings();
  }
}
