package dev.headlamp.hooks.recipe;

import dev.headlamp.weights.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The arrays beside a recipe that is being read. */
final class StoredArrays implements AutoCloseable {

  private final @Nullable SafetensorsFile file;

  private StoredArrays(@Nullable SafetensorsFile file) {
    this.file = file;
  }

  /**
   * Opens the file that a recipe names.
   *
   * @param name the plain name of a file in the recipe's folder, if it has arrays
   */
  static StoredArrays beside(Path recipe, Optional<JsonNode> name) throws IOException {
    if (name.isEmpty()) {
      return new StoredArrays(null);
    }
    String plain = name.get().text();
    if (plain.isBlank() || plain.contains("/") || plain.contains("\\") || plain.equals("..")) {
      throw name.get().wrong("expected the name of a file in the same folder, found " + plain);
    }
    Path file = recipe.resolveSibling(plain);
    if (!Files.exists(file)) {
      throw name.get().wrong("there is no file " + file);
    }
    return new StoredArrays(SafetensorsFile.open(file));
  }

  StoredArray read(JsonNode name) throws IOException {
    if (file == null) {
      throw name.wrong("the recipe names no file of arrays");
    }
    if (!file.has(name.text())) {
      throw name.wrong("%s holds no array '%s'".formatted(file.path(), name.text()));
    }
    try (INDArray array = file.read(name.text())) {
      return StoredArray.of(array);
    } catch (IllegalArgumentException e) {
      throw name.wrong(e);
    }
  }

  @Override
  public void close() throws IOException {
    if (file != null) {
      file.close();
    }
  }
}
