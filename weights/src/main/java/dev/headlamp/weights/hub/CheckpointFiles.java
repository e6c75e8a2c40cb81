package dev.headlamp.weights.hub;

import dev.headlamp.weights.CheckpointFormatException;
import dev.headlamp.weights.ConfigFile;
import dev.headlamp.weights.ShardIndex;
import java.io.IOException;
import java.nio.file.DirectoryStream;
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

  /** What the tokenizer's reader takes. */
  private static final long MAX_TOKENIZER_BYTES = 64L << 20;

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
   * Checks that a model has the shards that its index names.
   *
   * @throws HubException when it does not
   */
  static void requireListed(Collection<String> shards, Set<String> listed, String whose)
      throws HubException {
    for (String shard : shards) {
      if (!listed.contains(shard)) {
        throw missingShard(whose, shard);
      }
    }
  }

  /**
   * Checks that a file is not longer than what is read of its kind. Weights are as long as the disk
   * allows.
   *
   * @throws HubException when it is
   */
  static void requireReadableSize(RemoteFile file) throws HubException {
    long most =
        switch (file.name()) {
          case CONFIG -> ConfigFile.MAX_BYTES;
          case INDEX -> ShardIndex.MAX_BYTES;
          default -> isSafetensors(file.name()) ? Long.MAX_VALUE : MAX_TOKENIZER_BYTES;
        };
    if (file.size() > most) {
      throw new HubException(
          "%s is not fetched: at most %d bytes of it would be read, and the hub states %d"
              .formatted(file, most, file.size()));
    }
  }

  /**
   * Checks that a folder holds a configuration and all weights.
   *
   * @throws HubException when it does not
   */
  static void requireUsable(Path folder, String whose, String conversion) throws HubException {
    requireConfigAndWeights(present(folder, whose), whose, conversion);
    for (String shard : shards(folder)) {
      if (!exists(folder, shard, whose)) {
        throw missingShard(whose, shard);
      }
    }
  }

  /** Returns the files of a checkpoint that are in a folder, and links in their place. */
  static List<Path> in(Path folder) throws HubException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
      for (Path path : all) {
        String name = path.getFileName().toString();
        if (isSafetensors(name)
            || List.of(CONFIG, INDEX).contains(name)
            || TOKENIZER_PARTS.contains(name)
            || TOKENIZER_EXTRAS.contains(name)) {
          files.add(path);
        }
      }
    } catch (IOException e) {
      throw new HubException("cannot list " + folder + ": " + e, e);
    }
    return files;
  }

  /**
   * Returns the shards that the index of a folder names; none where one file holds all weights.
   *
   * @throws HubException when the index cannot be read, in its reader's words
   */
  static Set<String> shards(Path folder) throws HubException {
    Path index = folder.resolve(INDEX);
    try {
      return Files.isRegularFile(folder.resolve(WEIGHTS))
          ? Set.of()
          : ShardIndex.read(index).shards();
    } catch (CheckpointFormatException e) {
      throw new HubException(String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw new HubException("cannot read " + index + ": " + e, e);
    }
  }

  static boolean hasTokenizer(Path folder) {
    List<String> present =
        TOKENIZER_PARTS.stream().filter(name -> Files.isRegularFile(folder.resolve(name))).toList();
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

  private static HubException missingShard(String whose, String shard) {
    return new HubException(whose + " has no " + shard + ", which its " + INDEX + " names");
  }

  private static boolean isSafetensors(String name) {
    return name.endsWith(".safetensors");
  }

  private static List<String> present(Path folder, String whose) throws HubException {
    List<String> present = new ArrayList<>();
    for (String name : List.of(CONFIG, WEIGHTS, INDEX)) {
      if (exists(folder, name, whose)) {
        present.add(name);
      }
    }
    PICKLED.stream().filter(name -> Files.exists(folder.resolve(name))).forEach(present::add);
    return present;
  }

  /** A pipe would be waited for, and a device may have no end: neither is ever opened. */
  private static boolean exists(Path folder, String name, String whose) throws HubException {
    Path path = folder.resolve(name);
    if (Files.exists(path) && !Files.isRegularFile(path)) {
      throw new HubException(
          "%s: %s is %s, not a regular file"
              .formatted(whose, name, Files.isDirectory(path) ? "a folder" : "a pipe or a device"));
    }
    return Files.exists(path);
  }
}
