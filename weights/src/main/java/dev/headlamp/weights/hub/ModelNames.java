package dev.headlamp.weights.hub;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The short names of the field, and the names that models had before the hub moved them. */
final class ModelNames {

  /** Names of one model on the hub, the one it is fetched and kept under in front. */
  private static final List<List<String>> MOVED =
      List.of(
          List.of("gpt2", "openai-community/gpt2"),
          List.of("gpt2-medium", "openai-community/gpt2-medium"),
          List.of("gpt2-large", "openai-community/gpt2-large"),
          List.of("gpt2-xl", "openai-community/gpt2-xl"),
          List.of("distilgpt2", "distilbert/distilgpt2"),
          List.of("EleutherAI/gpt-neo-125M", "EleutherAI/gpt-neo-125m"));

  private static final List<String> STANFORD_SMALL =
      List.of(
          "alias-%s-x21",
          "battlestar-%s-x49", "caprica-%s-x81", "darkmatter-%s-x343", "expanse-%s-x777");

  private static final List<String> STANFORD_MEDIUM =
      List.of(
          "arwen-%s-x21", "beren-%s-x49", "celebrimbor-%s-x81", "durin-%s-x343", "eowyn-%s-x777");

  private static final Map<String, String> ALIASES = aliases();

  private ModelNames() {}

  /**
   * Returns the names under which the cache may hold a model, the one to fetch it by in front.
   *
   * @throws HubException when {@code name} cannot be the name of a model
   */
  static List<RepositoryId> resolve(String name) throws HubException {
    String official = ALIASES.getOrDefault(name.toLowerCase(Locale.ROOT), name);
    if (!RepositoryId.isValid(official)) {
      throw new HubException(
          "'"
              + name
              + "' is neither a folder that exists nor the name of a model, such as gpt2 or"
              + " openai-community/gpt2");
    }
    List<RepositoryId> names = new ArrayList<>(List.of(new RepositoryId(official)));
    for (List<String> same : MOVED) {
      if (same.contains(official)) {
        same.stream()
            .filter(other -> !other.equals(official))
            .map(RepositoryId::new)
            .forEach(names::add);
      }
    }
    return names;
  }

  /** TransformerLens' table for this family; like there, case does not matter in an alias. */
  private static Map<String, String> aliases() {
    Map<String, String> aliases = new HashMap<>();
    for (String size : List.of("", "-medium", "-large", "-xl")) {
      aliases.put("gpt2" + size, "gpt2" + size);
    }
    aliases.put("gpt2-small", "gpt2");
    for (String alias :
        List.of("distilgpt2", "distillgpt2", "distill-gpt2", "distil-gpt2", "gpt2-xs")) {
      aliases.put(alias, "distilgpt2");
    }
    for (String alias : List.of("gpt-neo-125m", "gpt-neo-small", "neo-small", "neo")) {
      aliases.put(alias, "EleutherAI/gpt-neo-125M");
    }
    addStanford(aliases, "small", STANFORD_SMALL, "gpt2-mistral-small-");
    addStanford(aliases, "medium", STANFORD_MEDIUM, "gpt2-medium-small-");
    return aliases;
  }

  private static void addStanford(
      Map<String, String> aliases, String size, List<String> patterns, String thirdPrefix) {
    for (int i = 0; i < patterns.size(); i++) {
      String model = patterns.get(i).formatted("gpt2-" + size);
      String letter = String.valueOf((char) ('a' + i));
      String official = "stanford-crfm/" + model;
      aliases.put(model, official);
      aliases.put("stanford-gpt2-" + size + "-" + letter, official);
      aliases.put("gpt2-stanford-" + size + "-" + letter, official);
      aliases.put(thirdPrefix + letter, official);
    }
  }
}
