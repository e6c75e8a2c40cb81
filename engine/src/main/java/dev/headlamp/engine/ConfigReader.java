package dev.headlamp.engine;

import dev.headlamp.engine.Gpt2Config.ScoreScaling;
import dev.headlamp.weights.CheckpointFormatException;
import dev.headlamp.weights.ConfigFile;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the {@code config.json} of Hugging Face's GPT-2 and GPT-Neo. */
final class ConfigReader {

  private static final double DEFAULT_EPSILON = 1e-5;
  private static final int DEFAULT_WINDOW = 256;

  private final String name;
  private final ConfigFile file;

  ConfigReader(String name, ConfigFile file) {
    this.name = name;
    this.file = file;
  }

  Gpt2Config read() throws CheckpointFormatException {
    String type = file.text("model_type", "gpt2");
    try {
      return switch (type) {
        case "gpt2" -> gpt2();
        case "gpt_neo" -> gptNeo();
        default -> throw refused("model_type", "gpt2 or gpt_neo", type);
      };
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new CheckpointFormatException(
          file.path(), "sizes", "a GPT-2 that can be built", String.valueOf(e.getMessage()));
    }
  }

  private Gpt2Config gpt2() throws CheckpointFormatException {
    if (file.bool("add_cross_attention", false)) {
      throw refused("add_cross_attention", "false", "true");
    }
    int nLayers = file.integer("n_layer");
    int dModel = file.integer("n_embd");
    return new Gpt2Config(
        name,
        nLayers,
        file.integer("n_head"),
        dModel,
        file.integer("n_inner", Math.multiplyExact(4, dModel)),
        file.integer("n_positions", file.integer("n_ctx", 1024)),
        file.integer("vocab_size"),
        file.number("layer_norm_epsilon", DEFAULT_EPSILON),
        activation(),
        ScoreScaling.of(
            file.bool("scale_attn_weights", true),
            file.bool("scale_attn_by_inverse_layer_idx", false)),
        Gpt2Config.allGlobal(nLayers),
        file.bool("tie_word_embeddings", true),
        eosTokenId());
  }

  private Gpt2Config gptNeo() throws CheckpointFormatException {
    int nLayers = file.integer("num_layers");
    int dModel = file.integer("hidden_size");
    return new Gpt2Config(
        name,
        nLayers,
        file.integer("num_heads"),
        dModel,
        file.integer("intermediate_size", Math.multiplyExact(4, dModel)),
        file.integer("max_position_embeddings"),
        file.integer("vocab_size"),
        file.number("layer_norm_epsilon", DEFAULT_EPSILON),
        activation(),
        ScoreScaling.NONE,
        windows(nLayers),
        file.bool("tie_word_embeddings", true),
        eosTokenId());
  }

  private List<Integer> windows(int nLayers) throws CheckpointFormatException {
    int window = file.integer("window_size", DEFAULT_WINDOW);
    if (window < 1) {
      throw refused("window_size", "1 or more", Integer.toString(window));
    }
    List<String> kinds =
        file.has("attention_layers")
            ? file.texts("attention_layers")
            : file.repeatedTexts("attention_types");
    if (kinds.size() != nLayers) {
      throw refused("attention_layers", nLayers + " entries", kinds.size() + " entries");
    }
    List<Integer> windows = new ArrayList<>();
    for (String kind : kinds) {
      windows.add(
          switch (kind) {
            case "global" -> 0;
            case "local" -> window;
            default -> throw refused("attention_layers", "global or local", kind);
          });
    }
    return windows;
  }

  private ActivationFunction activation() throws CheckpointFormatException {
    String function = file.text("activation_function", "gelu_new");
    return ActivationFunction.named(function)
        .orElseThrow(
            () ->
                refused(
                    "activation_function", "one of " + ActivationFunction.allNames(), function));
  }

  private @Nullable Integer eosTokenId() throws CheckpointFormatException {
    return file.has("eos_token_id") ? file.integer("eos_token_id") : null;
  }

  private CheckpointFormatException refused(String field, String expected, String actual) {
    return new CheckpointFormatException(file.path(), "field " + field, expected, actual);
  }
}
