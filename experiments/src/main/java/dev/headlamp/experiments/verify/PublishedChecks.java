package dev.headlamp.experiments.verify;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.headlamp.experiments.enumeration.StoredEnumeration;
import dev.headlamp.experiments.json.JsonObject;
import dev.headlamp.hooks.HookedGpt2;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;

/** Figures that others published of models, to check a loaded model against. Immutable. */
public final class PublishedChecks {

  private static final String BUNDLED = "published-checks.json";

  private final List<PublishedCheck> checks;

  private PublishedChecks(List<PublishedCheck> checks) {
    this.checks = List.copyOf(checks);
  }

  /** Returns the figures of GPT-2 and its relatives that come with Headlamp. */
  public static PublishedChecks bundled() {
    try (InputStream in = PublishedChecks.class.getResourceAsStream(BUNDLED)) {
      Objects.requireNonNull(in, BUNDLED);
      return parse(new String(in.readAllBytes(), UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the resource " + BUNDLED, e);
    }
  }

  /**
   * Reads figures from a file like the bundled {@code published-checks.json}.
   *
   * @throws IOException if it cannot be read or is not JSON
   * @throws IllegalArgumentException if it is JSON of another kind; the message names the field
   */
  public static PublishedChecks read(Path file) throws IOException {
    try {
      return parse(Files.readString(file));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
    }
  }

  private static PublishedChecks parse(String json) throws IOException {
    return new PublishedChecks(CheckReader.checks(JsonObject.parse(json)));
  }

  /**
   * Returns the figures of one model.
   *
   * @param model its name, with or without its owner's: {@code gpt2}, {@code openai-community/gpt2}
   */
  public PublishedChecks of(String model) {
    return new PublishedChecks(checks.stream().filter(check -> check.isOf(model)).toList());
  }

  /** Returns these checks, those of an enumeration being measured on what a file holds. */
  public PublishedChecks withEnumeration(StoredEnumeration enumeration) {
    return new PublishedChecks(
        checks.stream().map(published -> published.with(enumeration)).toList());
  }

  /** Returns what is published of the enumeration of all IOI prompts, if anything is. */
  public Optional<PublishedEnumeration> enumeration() {
    return checks.stream().flatMap(published -> published.enumeration().stream()).findFirst();
  }

  /** Returns the figures of some kinds, as the file of figures calls them: {@code embedding}. */
  public PublishedChecks ofKind(String... kinds) {
    return new PublishedChecks(
        checks.stream().filter(check -> List.of(kinds).contains(check.kind())).toList());
  }

  /** Returns the figures whose source begins with one of the given texts. */
  public PublishedChecks from(String... sources) {
    return new PublishedChecks(
        checks.stream()
            .filter(check -> Arrays.stream(sources).anyMatch(check.source()::startsWith))
            .toList());
  }

  /** Returns whether there is no figure. */
  public boolean isEmpty() {
    return checks.isEmpty();
  }

  /**
   * Measures a model.
   *
   * @param receiver is given each finding as soon as it is there, with its source
   */
  public void measure(HookedGpt2 model, BiConsumer<String, Finding> receiver) {
    for (PublishedCheck check : checks) {
      check.measure(model).forEach(finding -> receiver.accept(check.source(), finding));
    }
  }
}
