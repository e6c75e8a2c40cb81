package dev.headlamp.weights;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** The index of a checkpoint in several files: which shard holds which tensors. */
final class ShardIndex {

  private static final String WEIGHT_MAP = "weight_map";

  private final SortedMap<String, SortedSet<String>> tensorsByShard;

  private ShardIndex(SortedMap<String, SortedSet<String>> tensorsByShard) {
    this.tensorsByShard = tensorsByShard;
  }

  /**
   * Reads an index.
   *
   * @throws CheckpointFormatException if it is not one, or a shard's name would lead out of the
   *     folder
   */
  static ShardIndex read(Path file) throws IOException {
    if (!(JsonDocument.read(file).values().get(WEIGHT_MAP) instanceof JsonValue.Fields map)) {
      throw new CheckpointFormatException(
          file, "field " + WEIGHT_MAP, "an object of tensor name to shard", "none");
    }
    SortedMap<String, SortedSet<String>> tensorsByShard = new TreeMap<>();
    for (var entry : map.values().entrySet()) {
      String tensor = entry.getKey();
      String shard = shardName(file, tensor, entry.getValue());
      tensorsByShard.computeIfAbsent(shard, name -> new TreeSet<>()).add(tensor);
    }
    return new ShardIndex(tensorsByShard);
  }

  /** Returns the names of the shards, plain file names, sorted. */
  SortedSet<String> shards() {
    return Collections.unmodifiableSortedSet(new TreeSet<>(tensorsByShard.keySet()));
  }

  /** Returns the names of the tensors in one of {@link #shards}, sorted. */
  SortedSet<String> tensorsIn(String shard) {
    return Collections.unmodifiableSortedSet(tensorsByShard.getOrDefault(shard, new TreeSet<>()));
  }

  /**
   * The name is checked, not where it leads: Hugging Face's cache links shards out of the folder.
   */
  private static String shardName(Path file, String tensor, JsonValue value)
      throws CheckpointFormatException {
    if (value instanceof JsonValue.Text text
        && text.value().endsWith(".safetensors")
        && text.value().chars().noneMatch(ShardIndex::leavesTheFolder)) {
      return text.value();
    }
    throw new CheckpointFormatException(
        file,
        SafetensorsHeader.place(tensor),
        "the plain name of a .safetensors file in the same folder",
        value.toString());
  }

  private static boolean leavesTheFolder(int c) {
    return c == '/' || c == '\\' || c == ':' || c < ' ';
  }
}
