package dev.headlamp.engine;

import dev.headlamp.fixtures.Fixtures;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A copy of a fixture's checkpoint, to be spoilt. */
final class CheckpointFolder {

  private final Path folder;

  private CheckpointFolder(Path folder) {
    this.folder = folder;
  }

  static CheckpointFolder copyOf(String fixture, Path folder) throws IOException {
    for (String file : new String[] {"config.json", "model.safetensors"}) {
      Files.copy(Fixtures.model(fixture).resolve(file), folder.resolve(file));
    }
    return new CheckpointFolder(folder);
  }

  Path path() {
    return folder;
  }

  /** Replaces what {@code config.json} says about one field, or adds it. */
  CheckpointFolder withConfig(String field, String json) throws IOException {
    Path file = folder.resolve("config.json");
    String others =
        Files.readString(file).replaceFirst("\"" + field + "\": (\\[[^]]*]|[^,}\\[]*),?\\s*", "");
    Files.writeString(file, others.replaceFirst("\\{", "{\"" + field + "\": " + json + ", "));
    return this;
  }

  /** Replaces text of the tensors' header by text of the same length. */
  CheckpointFolder withHeader(String text, String replacement) throws IOException {
    Path file = folder.resolve("model.safetensors");
    String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
    if (text.length() != replacement.length() || !bytes.contains(text)) {
      throw new IllegalArgumentException("cannot write " + replacement + " over " + text);
    }
    Files.writeString(file, bytes.replace(text, replacement), StandardCharsets.ISO_8859_1);
    return this;
  }
}
