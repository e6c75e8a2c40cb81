package dev.headlamp.bench.models;

import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.weights.SafetensorsWriter;
import dev.headlamp.weights.TensorSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A checkpoint of a GPT-2's shape, in one file or in shards as Hugging Face writes them, its
 * weights all alike.
 *
 * @param config the shape
 * @param stored the type on disk
 * @param shards in how many files
 */
public record GeneratedCheckpoint(Gpt2Config config, DataType stored, int shards) {

  private static final double VALUE = 0.01;

  /** Room for headers, configuration and index. */
  private static final long EXTRA_BYTES = 1 << 20;

  /** Returns the bytes of all tensors. */
  public long bytes() {
    return tensors().stream()
        .mapToLong(spec -> spec.shape().stream().reduce(1L, Math::multiplyExact))
        .map(elements -> elements * stored.width())
        .sum();
  }

  /**
   * Writes the checkpoint.
   *
   * @throws IOException if the disk has not enough room
   */
  public void write(Path folder) throws IOException {
    long usable = Files.getFileStore(folder).getUsableSpace();
    if (usable < bytes() + EXTRA_BYTES) {
      throw new IOException(
          "%s has room for %d bytes, %d are needed"
              .formatted(folder, usable, bytes() + EXTRA_BYTES));
    }
    if (shards == 1) {
      writeFile(folder.resolve("model.safetensors"), tensors());
    } else {
      writeShards(folder);
    }
    Files.writeString(folder.resolve("config.json"), configJson());
  }

  private void writeShards(Path folder) throws IOException {
    List<TensorSpec> all = tensors();
    List<String> entries = new ArrayList<>();
    for (int shard = 0; shard < shards; shard++) {
      String name = "model-%05d-of-%05d.safetensors".formatted(shard + 1, shards);
      List<TensorSpec> own =
          all.subList(all.size() * shard / shards, all.size() * (shard + 1) / shards);
      writeFile(folder.resolve(name), own);
      own.forEach(spec -> entries.add("\"%s\": \"%s\"".formatted(spec.name(), name)));
    }
    Files.writeString(
        folder.resolve("model.safetensors.index.json"),
        entries.stream().collect(Collectors.joining(",\n", "{\"weight_map\": {\n", "\n}}\n")));
  }

  private static void writeFile(Path file, List<TensorSpec> specs) throws IOException {
    try (SafetensorsWriter writer = SafetensorsWriter.create(file, specs, Map.of())) {
      for (TensorSpec spec : specs) {
        long[] shape = spec.shape().stream().mapToLong(Long::longValue).toArray();
        try (INDArray array = Nd4j.valueArrayOf(shape, VALUE, spec.type())) {
          writer.put(spec.name(), array);
        }
      }
      writer.commit();
    }
  }

  private String configJson() {
    return """
        {"model_type": "gpt2", "n_layer": %d, "n_head": %d, "n_embd": %d, "n_positions": %d,
         "vocab_size": %d}
        """
        .formatted(
            config.nLayers(), config.nHeads(), config.dModel(), config.nCtx(), config.dVocab());
  }

  private List<TensorSpec> tensors() {
    long width = config.dModel();
    List<TensorSpec> tensors = new ArrayList<>();
    tensors.add(tensor("wte.weight", config.dVocab(), width));
    tensors.add(tensor("wpe.weight", config.nCtx(), width));
    for (int layer = 0; layer < config.nLayers(); layer++) {
      String block = "h." + layer + ".";
      addLayerNorm(block + "ln_1", tensors);
      addLinear(block + "attn.c_attn", width, 3 * width, tensors);
      addLinear(block + "attn.c_proj", width, width, tensors);
      addLayerNorm(block + "ln_2", tensors);
      addLinear(block + "mlp.c_fc", width, config.dMlp(), tensors);
      addLinear(block + "mlp.c_proj", config.dMlp(), width, tensors);
    }
    addLayerNorm("ln_f", tensors);
    return tensors;
  }

  private void addLayerNorm(String name, List<TensorSpec> tensors) {
    tensors.add(tensor(name + ".weight", config.dModel()));
    tensors.add(tensor(name + ".bias", config.dModel()));
  }

  private void addLinear(String name, long in, long out, List<TensorSpec> tensors) {
    tensors.add(tensor(name + ".weight", in, out));
    tensors.add(tensor(name + ".bias", out));
  }

  private TensorSpec tensor(String name, long... shape) {
    return new TensorSpec(name, stored, LongStream.of(shape).boxed().toList());
  }
}
