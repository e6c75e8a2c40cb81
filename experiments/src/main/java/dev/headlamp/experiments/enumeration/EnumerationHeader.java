package dev.headlamp.experiments.enumeration;

import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.tokenizer.Bos;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What the logit differences in a file are of.
 *
 * @param model what the model was called; says nothing of what it is
 * @param weights {@link ModelHash} of the model
 * @param tokens SHA-256 of the token ids that the prompts are made of
 * @param processing the steps that the weights were processed by
 * @param arithmetic the type that the model computed in
 * @param bos whether prompts begin with the beginning-of-sequence token
 * @param space the prompts
 * @param shard which part of the rows the file is for
 */
public record EnumerationHeader(
    String model,
    String weights,
    String tokens,
    String processing,
    String arithmetic,
    Bos bos,
    PromptSpace space,
    Shard shard) {

  private static final String MODEL = "model";
  private static final String WEIGHTS = "weights-sha256";
  private static final String TOKENS = "tokens-sha256";
  private static final String PROCESSING = "processing";
  private static final String ARITHMETIC = "arithmetic";
  private static final String BOS = "bos";
  private static final String SHARD = "shard";
  private static final String TEMPLATES = "templates";
  private static final String PLACES = "places";
  private static final String OBJECTS = "objects";
  private static final String NAMES = "names";

  private static final String SEPARATOR = "\t";

  /** Returns the header of a run; reads all weights of the model. */
  public static EnumerationHeader of(HookedGpt2 model, PromptTokens prompts, Shard shard) {
    return new EnumerationHeader(
        model.config().name(),
        ModelHash.of(model.engine()),
        prompts.sha256(),
        model.processing().toString(),
        model.dataType().toString().toLowerCase(Locale.ROOT),
        prompts.bos(),
        prompts.space(),
        shard);
  }

  /** Returns this header with another shard. */
  EnumerationHeader withShard(Shard other) {
    return new EnumerationHeader(model, weights, tokens, processing, arithmetic, bos, space, other);
  }

  /** Returns the header as text: a line for each field, its name and its values between tabs. */
  String text() {
    return fields().entrySet().stream()
        .map(field -> field.getKey() + SEPARATOR + String.join(SEPARATOR, field.getValue()) + "\n")
        .collect(Collectors.joining());
  }

  private Map<String, List<String>> fields() {
    Map<String, List<String>> fields = new LinkedHashMap<>();
    fields.put(MODEL, List.of(model));
    fields.put(WEIGHTS, List.of(weights));
    fields.put(TOKENS, List.of(tokens));
    fields.put(PROCESSING, List.of(processing));
    fields.put(ARITHMETIC, List.of(arithmetic));
    fields.put(BOS, List.of(bos.name()));
    fields.put(SHARD, List.of(shard.toString()));
    fields.put(TEMPLATES, space.templates());
    fields.put(PLACES, space.places());
    fields.put(OBJECTS, space.objects());
    fields.put(NAMES, space.names());
    return fields;
  }

  /**
   * Reads what {@link #text} wrote.
   *
   * @throws IllegalArgumentException if it is something else
   */
  static EnumerationHeader parse(String text) {
    Map<String, List<String>> fields = new LinkedHashMap<>();
    text.lines()
        .map(line -> List.of(line.split(SEPARATOR, -1)))
        .forEach(cells -> fields.put(cells.get(0), cells.subList(1, cells.size())));
    return new EnumerationHeader(
        one(fields, MODEL),
        one(fields, WEIGHTS),
        one(fields, TOKENS),
        one(fields, PROCESSING),
        one(fields, ARITHMETIC),
        Bos.valueOf(one(fields, BOS)),
        new PromptSpace(
            all(fields, TEMPLATES), all(fields, PLACES), all(fields, OBJECTS), all(fields, NAMES)),
        Shard.parse(one(fields, SHARD)));
  }

  private static String one(Map<String, List<String>> fields, String name) {
    List<String> values = all(fields, name);
    if (values.size() != 1) {
      throw new IllegalArgumentException("the header has several values of '" + name + "'");
    }
    return values.get(0);
  }

  private static List<String> all(Map<String, List<String>> fields, String name) {
    List<String> values = fields.getOrDefault(name, List.of());
    if (values.isEmpty()) {
      throw new IllegalArgumentException("the header has no '" + name + "'");
    }
    return values;
  }

  /**
   * Returns what keeps rows of this and another header apart, a phrase for each field, such as
   * {@code bos: PREPEND, not NONE}. The name of the model does not.
   */
  List<String> differencesFrom(EnumerationHeader other) {
    Map<String, List<String>> others = other.fields();
    List<String> differences = new ArrayList<>();
    fields()
        .forEach(
            (name, values) -> {
              List<String> otherValues = others.getOrDefault(name, List.of());
              if (!name.equals(MODEL) && !values.equals(otherValues)) {
                differences.add(name + ": " + difference(values, otherValues));
              }
            });
    return differences;
  }

  private static String difference(List<String> these, List<String> those) {
    if (these.size() == 1 && those.size() == 1) {
      return these.get(0) + ", not " + those.get(0);
    }
    List<String> added = without(these, those);
    List<String> lacking = without(those, these);
    if (added.isEmpty() && lacking.isEmpty()) {
      return "in another order";
    }
    return (added.isEmpty() ? "" : "has " + added)
        + (added.isEmpty() || lacking.isEmpty() ? "" : ", ")
        + (lacking.isEmpty() ? "" : "lacks " + lacking);
  }

  private static List<String> without(List<String> all, List<String> others) {
    return all.stream().filter(value -> !others.contains(value)).toList();
  }
}
