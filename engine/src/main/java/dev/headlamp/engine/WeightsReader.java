package dev.headlamp.engine;

import dev.headlamp.weights.Checkpoint;
import dev.headlamp.weights.CheckpointFormatException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Reads the weights of a Hugging Face GPT-2 or GPT-Neo checkpoint into their roles. */
final class WeightsReader {

  private static final String PREFIX = "transformer.";

  private final Checkpoint checkpoint;
  private final Gpt2Config config;
  private final DataType type;
  private final String prefix;
  private final List<INDArray> read = new ArrayList<>();

  private WeightsReader(Checkpoint checkpoint, Gpt2Config config, DataType type) {
    this.checkpoint = checkpoint;
    this.config = config;
    this.type = type;
    this.prefix = checkpoint.has(PREFIX + "wte.weight") ? PREFIX : "";
  }

  /**
   * Reads all weights as {@code type}, FLOAT or DOUBLE.
   *
   * @throws IOException if the file cannot be read, or a tensor is missing or of the wrong shape
   */
  static Gpt2Weights read(Checkpoint checkpoint, Gpt2Config config, DataType type)
      throws IOException {
    WeightsReader reader = new WeightsReader(checkpoint, config, type);
    try {
      return reader.read();
    } catch (IOException | RuntimeException e) {
      reader.read.forEach(INDArray::close);
      throw e;
    }
  }

  private Gpt2Weights read() throws IOException {
    int dModel = config.dModel();
    INDArray wE = tensor("wte.weight", config.dVocab(), dModel);
    INDArray wPos = tensor("wpe.weight", config.nCtx(), dModel);
    List<BlockWeights> blocks = new ArrayList<>();
    for (int layer = 0; layer < config.nLayers(); layer++) {
      blocks.add(block("h." + layer + "."));
    }
    checkNoLayerIsLeft();
    LayerNormWeights lnFinal = layerNorm("ln_f");
    INDArray unembedding =
        config.tiedEmbeddings()
            ? wE
            : keep(checkpoint.read("lm_head.weight", type, config.dVocab(), dModel));
    return new Gpt2Weights(wE, wPos, blocks, lnFinal, unembedding, null);
  }

  /** A model cut short would run, and give other answers than the one it was cut from. */
  private void checkNoLayerIsLeft() throws IOException {
    String next = prefix + "h." + config.nLayers() + ".";
    for (String tensor : checkpoint.names()) {
      if (tensor.startsWith(next)) {
        throw new CheckpointFormatException(
            checkpoint.config().path(),
            "number of layers",
            "all that the file holds",
            config.nLayers() + ", and tensor " + tensor);
      }
    }
  }

  private BlockWeights block(String block) throws IOException {
    boolean separate = checkpoint.has(prefix + block + "attn.attention.q_proj.weight");
    Projection[] qkv = separate ? separateQkv(block) : fusedQkv(block);
    int dModel = config.dModel();
    String out = block + (separate ? "attn.attention.out_proj" : "attn.c_proj");
    return new BlockWeights(
        layerNorm(block + "ln_1"),
        qkv[0].w(),
        qkv[0].b(),
        qkv[1].w(),
        qkv[1].b(),
        qkv[2].w(),
        qkv[2].b(),
        matrix(out + ".weight", dModel, dModel, separate),
        tensor(out + ".bias", dModel),
        layerNorm(block + "ln_2"),
        matrix(block + "mlp.c_fc.weight", dModel, config.dMlp(), separate),
        tensor(block + "mlp.c_fc.bias", config.dMlp()),
        matrix(block + "mlp.c_proj.weight", config.dMlp(), dModel, separate),
        tensor(block + "mlp.c_proj.bias", dModel));
  }

  private record Projection(INDArray w, @Nullable INDArray b) {}

  /** GPT-2 keeps q, k and v side by side in one matrix. */
  private Projection[] fusedQkv(String block) throws IOException {
    int width = config.dModel();
    Projection[] projections = new Projection[3];
    try (INDArray w =
            checkpoint.read(prefix + block + "attn.c_attn.weight", type, width, 3L * width);
        INDArray b = checkpoint.read(prefix + block + "attn.c_attn.bias", type, 3L * width)) {
      for (int i = 0; i < projections.length; i++) {
        var columns = NDArrayIndex.interval((long) i * width, (long) (i + 1) * width);
        projections[i] =
            new Projection(
                keep(w.get(NDArrayIndex.all(), columns).dup('c')), keep(b.get(columns).dup('c')));
      }
    }
    return projections;
  }

  /** GPT-Neo keeps them apart, and without biases. */
  private Projection[] separateQkv(String block) throws IOException {
    String[] names = {"q_proj", "k_proj", "v_proj"};
    Projection[] projections = new Projection[names.length];
    for (int i = 0; i < names.length; i++) {
      String name = block + "attn.attention." + names[i] + ".weight";
      projections[i] = new Projection(matrix(name, config.dModel(), config.dModel(), true), null);
    }
    return projections;
  }

  private LayerNormWeights layerNorm(String name) throws IOException {
    return new LayerNormWeights(
        tensor(name + ".weight", config.dModel()), tensor(name + ".bias", config.dModel()));
  }

  /** Reads a matrix as [in, out]: GPT-2 stores it so, GPT-Neo transposed. */
  private INDArray matrix(String name, int in, int out, boolean transposed) throws IOException {
    if (!transposed) {
      return tensor(name, in, out);
    }
    try (INDArray stored = checkpoint.read(prefix + name, type, out, in)) {
      return keep(stored.transpose().dup('c'));
    }
  }

  private INDArray tensor(String name, long... shape) throws IOException {
    return keep(checkpoint.read(prefix + name, type, shape));
  }

  private INDArray keep(INDArray array) {
    read.add(array);
    return array;
  }
}
