package dev.headlamp.weights;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The index of a checkpoint in several files, {@code model.safetensors.index.json}: which shard
 * holds which tensors.
 *
 * <p>The file is held to strict JSON of at most 16 MiB, without a key twice. Under {@code
 * weight_map} it names at least one tensor and at most 1000 shards, each by a plain file name:
 * ASCII letters, digits, {@code _}, {@code .} and {@code -}, at the end {@code .safetensors}. Such
 * a name leads out of no folder and is safe in an address.
 */
public final class ShardIndex {

  /** The longest file that is read, in bytes. */
  public static final long MAX_BYTES = JsonDocument.MAX_BYTES;

  private static final String WEIGHT_MAP = "weight_map";
  private static final Pattern PLAIN_NAME = Pattern.compile("\\w[\\w.-]{0,200}\\.safetensors");

  /** The largest models in use have some two hundred. Each costs requests and an open file. */
  private static final int MAX_SHARDS = 1_000;

  private final SortedMap<String, SortedSet<String>> tensorsByShard;

  private ShardIndex(SortedMap<String, SortedSet<String>> tensorsByShard) {
    this.tensorsByShard = tensorsByShard;
  }

  /**
   * Reads an index.
   *
   * @throws CheckpointFormatException if it breaks a rule above
   * @throws java.nio.file.NoSuchFileException if there is no such file
   */
  public static ShardIndex read(Path file) throws IOException {
    SortedMap<String, SortedSet<String>> tensorsByShard = new TreeMap<>();
    for (var entry : weightMap(file).entrySet()) {
      String tensor = entry.getKey();
      String shard = shardName(file, tensor, entry.getValue());
      tensorsByShard.computeIfAbsent(shard, name -> new TreeSet<>()).add(tensor);
    }
    if (tensorsByShard.size() > MAX_SHARDS) {
      throw wrongMap(file, "at most " + MAX_SHARDS + " shards", tensorsByShard.size() + " shards");
    }
    return new ShardIndex(tensorsByShard);
  }

  /** Returns the names of the shards, plain file names, sorted; at least one. */
  public SortedSet<String> shards() {
    return Collections.unmodifiableSortedSet(new TreeSet<>(tensorsByShard.keySet()));
  }

  /** Returns the names of the tensors in one of {@link #shards}, sorted. */
  public SortedSet<String> tensorsIn(String shard) {
    return Collections.unmodifiableSortedSet(tensorsByShard.getOrDefault(shard, new TreeSet<>()));
  }

  private static Map<String, JsonValue> weightMap(Path file) throws IOException {
    String expected = "an object of tensor name to shard";
    JsonValue map = JsonDocument.read(file).values().get(WEIGHT_MAP);
    if (!(map instanceof JsonValue.Fields fields)) {
      throw wrongMap(file, expected, map == null ? "none" : map.toString());
    }
    if (fields.values().isEmpty()) {
      throw wrongMap(file, expected, "an empty one");
    }
    return fields.values();
  }

  private static CheckpointFormatException wrongMap(Path file, String expected, String actual) {
    return new CheckpointFormatException(file, "field " + WEIGHT_MAP, expected, actual);
  }

  /**
   * The name is checked, not where it leads: Hugging Face's cache links shards out of the folder.
   */
  private static String shardName(Path file, String tensor, JsonValue value)
      throws CheckpointFormatException {
    if (value instanceof JsonValue.Text text && PLAIN_NAME.matcher(text.value()).matches()) {
      return text.value();
    }
    throw new CheckpointFormatException(
        file,
        SafetensorsHeader.place(tensor),
        "the plain name of a .safetensors file in the same folder",
        value.toString());
  }
}
