package dev.headlamp.weights.hub;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Settings from environment variables, with the defaults and the order of huggingface_hub. */
record HubEnvironment(Map<String, String> variables, Path userHome) {

  private static final Set<String> TRUE_VALUES = Set.of("1", "ON", "YES", "TRUE");
  private static final Pattern VARIABLE = Pattern.compile("\\$(?:\\{(\\w+)}|(\\w+))");

  HubSettings settings() throws HubException {
    try {
      return new HubSettings(
          URI.create(first("https://huggingface.co", "HF_ENDPOINT")),
          cacheFolder(),
          token(),
          isTrue(first("", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")),
          Duration.ofSeconds(seconds("HF_HUB_DOWNLOAD_TIMEOUT", 10)));
    } catch (IllegalArgumentException e) {
      throw new HubException("environment: " + e.getMessage(), e);
    }
  }

  private Path cacheFolder() throws HubException {
    String given = first("", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE");
    return given.isEmpty() ? home().resolve("hub") : path(given);
  }

  private Path home() throws HubException {
    String given = first("", "HF_HOME");
    if (!given.isEmpty()) {
      return path(given);
    }
    String caches = first("", "XDG_CACHE_HOME");
    return (caches.isEmpty() ? userHome.resolve(".cache") : path(caches)).resolve("huggingface");
  }

  private @Nullable String token() throws HubException {
    String given = first("", "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN").strip();
    if (given.isEmpty()) {
      given = tokenFile().strip();
    }
    return given.isEmpty() ? null : given;
  }

  private String tokenFile() throws HubException {
    String given = first("", "HF_TOKEN_PATH");
    Path file = given.isEmpty() ? home().resolve("token") : path(given);
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      return "";
    } catch (IOException e) {
      throw new HubException("cannot read the token file " + file + ": " + e, e);
    }
  }

  private int seconds(String name, int otherwise) throws HubException {
    String given = first("", name);
    try {
      return given.isEmpty() ? otherwise : Integer.parseInt(given);
    } catch (NumberFormatException e) {
      throw new HubException(name + " (" + given + ") must be a whole number of seconds", e);
    }
  }

  /** Returns the first of the variables that is set to something, as Python's {@code or} does. */
  private String first(String otherwise, String... names) {
    for (String name : names) {
      String value = variables.getOrDefault(name, "");
      if (!value.isEmpty()) {
        return value;
      }
    }
    return otherwise;
  }

  private Path path(String text) throws HubException {
    Matcher matcher = VARIABLE.matcher(text);
    String expanded =
        matcher.replaceAll(
            found -> {
              String name = found.group(1) == null ? found.group(2) : found.group(1);
              return Matcher.quoteReplacement(variables.getOrDefault(name, found.group()));
            });
    if (expanded.equals("~") || expanded.startsWith("~/")) {
      expanded = userHome + expanded.substring(1);
    }
    try {
      return Path.of(expanded);
    } catch (InvalidPathException e) {
      throw new HubException("environment: not a path: " + text, e);
    }
  }

  private static boolean isTrue(String value) {
    return TRUE_VALUES.contains(value.toUpperCase(Locale.ROOT));
  }
}
