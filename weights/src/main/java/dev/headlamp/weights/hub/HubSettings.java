package dev.headlamp.weights.hub;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where models are kept and fetched from.
 *
 * @param endpoint the hub's address; http or https, without a slash at the end
 * @param cacheFolder the folder that holds {@code models--…} folders; made when first needed
 * @param token the access token sent to the endpoint's host and to no other, or null for none
 * @param offline whether the network is not to be touched
 * @param timeout the longest silence of the server that is waited for; more than zero
 */
public record HubSettings(
    URI endpoint, Path cacheFolder, @Nullable String token, boolean offline, Duration timeout) {

  private static final Pattern SENDABLE_TOKEN = Pattern.compile("[\\x21-\\x7e]+");

  /**
   * Checks the settings.
   *
   * @throws IllegalArgumentException when the endpoint is no plain http or https address, the token
   *     is empty or holds anything but visible ASCII, or the timeout is not positive
   */
  public HubSettings {
    endpoint = plainAddress(Objects.requireNonNull(endpoint, "endpoint"));
    Objects.requireNonNull(cacheFolder, "cacheFolder");
    if (token != null && !SENDABLE_TOKEN.matcher(token).matches()) {
      throw new IllegalArgumentException(
          "the token is empty or holds characters other than visible ASCII (not shown here)");
    }
    if (timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException("timeout (" + timeout + ") must be more than zero");
    }
  }

  /**
   * Reads the settings that Hugging Face's Python libraries read: {@code HF_ENDPOINT}, {@code
   * HF_HUB_CACHE}, {@code HF_HOME} and {@code XDG_CACHE_HOME}, {@code HF_TOKEN} or else the file
   * {@code HF_TOKEN_PATH} or {@code $HF_HOME/token}, {@code HF_HUB_OFFLINE} or {@code
   * TRANSFORMERS_OFFLINE}, and {@code HF_HUB_DOWNLOAD_TIMEOUT} in seconds.
   *
   * @throws HubException when a variable has a value that cannot be used, or the token file cannot
   *     be read
   */
  public static HubSettings fromEnvironment() throws HubException {
    return new HubEnvironment(System.getenv(), Path.of(System.getProperty("user.home"))).settings();
  }

  /** Returns these settings with another cache. */
  public HubSettings withCacheFolder(Path folder) {
    return new HubSettings(endpoint, folder, token, offline, timeout);
  }

  /** Returns these settings with the network allowed or not. */
  public HubSettings withOffline(boolean value) {
    return new HubSettings(endpoint, cacheFolder, token, value, timeout);
  }

  /** Describes the settings without giving the token away. */
  @Override
  public String toString() {
    return "HubSettings[endpoint=%s, cacheFolder=%s, token=%s, offline=%s, timeout=%s]"
        .formatted(endpoint, cacheFolder, token == null ? "none" : "set", offline, timeout);
  }

  private static URI plainAddress(URI endpoint) {
    boolean web = "http".equals(endpoint.getScheme()) || "https".equals(endpoint.getScheme());
    if (!web
        || endpoint.getHost() == null
        || endpoint.getUserInfo() != null
        || endpoint.getQuery() != null
        || endpoint.getFragment() != null) {
      throw new IllegalArgumentException(
          "endpoint (" + endpoint + ") must be an address like https://huggingface.co");
    }
    return URI.create(endpoint.toString().replaceFirst("/+$", ""));
  }
}
