package dev.headlamp.engine;

import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongToDoubleFunction;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A model of GPT-2 small's shape whose weights come from the formula in the fixtures' README: the
 * real size without a file of the real size.
 */
final class GeneratedModel {

  private static final long GAMMA = 0x9E3779B97F4A7C15L;

  private final Gpt2Config config = Gpt2Config.gpt2();
  private final DataType type;

  private GeneratedModel(DataType type) {
    this.type = type;
  }

  static Gpt2 of(DataType type) {
    GeneratedModel generated = new GeneratedModel(type);
    return Gpt2.of(generated.config, generated.weights());
  }

  /** Returns the 64-bit FNV-1a hash of a name. */
  static long hash(String name) {
    long hash = 0xcbf29ce484222325L;
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
    }
    return hash;
  }

  /** Returns the bits that element {@code i} of what is called {@code name} is made from. */
  static long bits(long hash, long i) {
    long z = hash + (i + 1) * GAMMA;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  private Gpt2Weights weights() {
    int dModel = config.dModel();
    INDArray wE = tensor("wte.weight", config.dVocab(), dModel);
    INDArray wPos = tensor("wpe.weight", config.nCtx(), dModel);
    List<BlockWeights> blocks = new ArrayList<>();
    for (int layer = 0; layer < config.nLayers(); layer++) {
      blocks.add(block("h." + layer + "."));
    }
    return new Gpt2Weights(wE, wPos, blocks, layerNorm("ln_f"), wE, null);
  }

  private BlockWeights block(String block) {
    int dModel = config.dModel();
    String qkv = block + "attn.c_attn";
    return new BlockWeights(
        layerNorm(block + "ln_1"),
        columns(qkv + ".weight", dModel, 0),
        columns(qkv + ".bias", 1, 0).reshape(dModel),
        columns(qkv + ".weight", dModel, 1),
        columns(qkv + ".bias", 1, 1).reshape(dModel),
        columns(qkv + ".weight", dModel, 2),
        columns(qkv + ".bias", 1, 2).reshape(dModel),
        tensor(block + "attn.c_proj.weight", dModel, dModel),
        tensor(block + "attn.c_proj.bias", dModel),
        layerNorm(block + "ln_2"),
        tensor(block + "mlp.c_fc.weight", dModel, config.dMlp()),
        tensor(block + "mlp.c_fc.bias", config.dMlp()),
        tensor(block + "mlp.c_proj.weight", config.dMlp(), dModel),
        tensor(block + "mlp.c_proj.bias", dModel));
  }

  private LayerNormWeights layerNorm(String name) {
    return new LayerNormWeights(
        tensor(name + ".weight", config.dModel()), tensor(name + ".bias", config.dModel()));
  }

  /** Returns one third of the matrix that holds queries, keys and values side by side. */
  private INDArray columns(String name, long rows, long third) {
    long width = config.dModel();
    LongToDoubleFunction fused = elements(name);
    return filled(
        i -> fused.applyAsDouble(i / width * 3 * width + third * width + i % width), rows, width);
  }

  private INDArray tensor(String name, long... shape) {
    return filled(elements(name), shape);
  }

  private INDArray filled(LongToDoubleFunction elements, long... shape) {
    INDArray array = Nd4j.createUninitialized(type, shape, 'c');
    int length = Math.toIntExact(array.length());
    if (type == DataType.FLOAT) {
      FloatBuffer floats = array.data().asNioFloat();
      for (int i = 0; i < length; i++) {
        floats.put(i, (float) elements.applyAsDouble(i));
      }
    } else {
      DoubleBuffer doubles = array.data().asNioDouble();
      for (int i = 0; i < length; i++) {
        doubles.put(i, elements.applyAsDouble(i));
      }
    }
    return array;
  }

  /** Returns the elements of a tensor by their row-major index, rounded to float32. */
  static LongToDoubleFunction elements(String name) {
    long hash = hash(name);
    double scale = scale(name);
    double offset = offset(name);
    return i -> (float) (offset + scale * ((bits(hash, i) >>> 40) * 0x1p-24 - 0.5));
  }

  private static double scale(String name) {
    if (name.endsWith(".bias")) {
      return 0.3;
    }
    if (name.endsWith("c_attn.weight")) {
      return 0.12;
    }
    if (name.equals("ln_f.weight")) {
      return 2;
    }
    return name.contains(".ln_") ? 0.6 : 0.07;
  }

  private static double offset(String name) {
    if (name.equals("ln_f.weight")) {
      return 4;
    }
    return name.contains(".ln_") && name.endsWith(".weight") ? 1 : 0;
  }
}
