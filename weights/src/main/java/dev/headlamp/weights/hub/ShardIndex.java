package dev.headlamp.weights.hub;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The names of the shards in a {@code model.safetensors.index.json}. */
final class ShardIndex {

  private static final Pattern SHARD = Pattern.compile("\\w[\\w.-]{0,200}\\.safetensors");

  private static final long MAX_BYTES = 16 << 20;

  private ShardIndex() {}

  /**
   * Reads which shards an index spreads the tensors over.
   *
   * @throws HubException when the file is no index, or names a shard that is not a plain file name
   */
  static Set<String> shards(Path index) throws HubException {
    Set<String> shards = new TreeSet<>();
    requireModestSize(index);
    try (JsonParser json = new JsonFactory().createParser(index.toFile())) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new HubException(index + ": not a JSON object");
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        boolean weightMap = json.currentName().equals("weight_map");
        if (json.nextToken() == JsonToken.START_OBJECT && weightMap) {
          readShards(json, index, shards);
        } else {
          json.skipChildren();
        }
      }
    } catch (HubException e) {
      throw e;
    } catch (IOException e) {
      throw new HubException(
          index + ": cannot be read as an index of shards: " + e.getMessage(), e);
    }
    if (shards.isEmpty()) {
      throw new HubException(index + ": names no shards under weight_map");
    }
    return shards;
  }

  /** The index of the largest models in use has well under a megabyte. */
  private static void requireModestSize(Path index) throws HubException {
    try {
      if (Files.size(index) > MAX_BYTES) {
        throw new HubException(
            index + ": more than " + MAX_BYTES + " bytes are no index of shards");
      }
    } catch (HubException e) {
      throw e;
    } catch (IOException e) {
      throw new HubException(index + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static void readShards(JsonParser json, Path index, Set<String> shards)
      throws IOException {
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      json.nextToken();
      String shard = json.getText();
      if (!SHARD.matcher(shard).matches()) {
        throw new HubException(
            index + ": '" + Text.plain(shard) + "' is not the plain name of a safetensors file");
      }
      shards.add(shard);
    }
  }
}
