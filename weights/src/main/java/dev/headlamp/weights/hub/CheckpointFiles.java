package dev.headlamp.weights.hub;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * Which files make up a checkpoint. A file name that somebody else's listing or index states is
 * compared with these names and never used as a path otherwise.
 */
final class CheckpointFiles {

  static final String CONFIG = "config.json";
  static final String WEIGHTS = "model.safetensors";
  static final String INDEX = "model.safetensors.index.json";

  /** Either the first of these or all of the others is enough for a tokenizer. */
  static final List<String> TOKENIZER_PARTS = List.of("tokenizer.json", "vocab.json", "merges.txt");

  private static final List<String> TOKENIZER_EXTRAS =
      List.of("tokenizer_config.json", "special_tokens_map.json", "added_tokens.json");
  private static final Set<String> PICKLED =
      Set.of("pytorch_model.bin", "pytorch_model.bin.index.json");

  private CheckpointFiles() {}

  /**
   * Chooses from a model's files those to fetch first: configuration, tokenizer, and the weights or
   * the index of their shards.
   *
   * @param whose the model in words, for messages
   * @param conversion the command that makes a checkpoint with safetensors of this one
   * @throws HubException when the model has no configuration or no safetensors
   */
  static List<String> choose(Collection<String> listed, String whose, String conversion)
      throws HubException {
    requireConfigAndWeights(listed, whose, conversion);
    List<String> chosen = new ArrayList<>(List.of(CONFIG));
    chosen.addAll(TOKENIZER_PARTS);
    chosen.addAll(TOKENIZER_EXTRAS);
    chosen.add(listed.contains(WEIGHTS) ? WEIGHTS : INDEX);
    chosen.retainAll(listed);
    return chosen;
  }

  /**
   * Checks that a folder holds a configuration and all weights.
   *
   * @throws HubException when it does not
   */
  static void requireUsable(Path folder, String whose, String conversion) throws HubException {
    requireConfigAndWeights(present(folder), whose, conversion);
    for (String shard : shards(folder)) {
      if (!Files.isRegularFile(folder.resolve(shard))) {
        throw new HubException(whose + " has no " + shard + ", which its " + INDEX + " names");
      }
    }
  }

  /** Says whether a folder holds a configuration and all weights. */
  static boolean isUsable(Path folder) {
    try {
      requireUsable(folder, "", "");
      return true;
    } catch (HubException e) {
      return false;
    }
  }

  /** Returns the shards that the index of a folder names; none where one file holds all weights. */
  static Set<String> shards(Path folder) throws HubException {
    return Files.isRegularFile(folder.resolve(WEIGHTS))
        ? Set.of()
        : ShardIndex.shards(folder.resolve(INDEX));
  }

  static boolean hasTokenizer(Path folder) {
    List<String> present = TOKENIZER_PARTS.stream().filter(name -> exists(folder, name)).toList();
    return present.contains(TOKENIZER_PARTS.get(0)) || present.size() == TOKENIZER_PARTS.size() - 1;
  }

  /** Returns the command that turns a checkpoint of pickled weights into one of safetensors. */
  static String conversionCommand(String model, String options) {
    return "python3 docs/reference/to_safetensors.py " + model + options;
  }

  private static void requireConfigAndWeights(
      Collection<String> files, String whose, String conversion) throws HubException {
    if (!files.contains(WEIGHTS) && !files.contains(INDEX)) {
      throw new HubException(
          files.stream().anyMatch(PICKLED::contains)
              ? whose
                  + " has its weights only as pytorch_model.bin, a Python pickle, which is not read"
                  + " here; convert it once with: "
                  + conversion
              : whose + " has no " + WEIGHTS);
    }
    if (!files.contains(CONFIG)) {
      throw new HubException(whose + " has no " + CONFIG);
    }
  }

  private static List<String> present(Path folder) {
    List<String> names = new ArrayList<>(List.of(CONFIG, WEIGHTS, INDEX));
    names.addAll(PICKLED);
    names.removeIf(name -> !exists(folder, name));
    return names;
  }

  private static boolean exists(Path folder, String name) {
    return Files.isRegularFile(folder.resolve(name));
  }
}
