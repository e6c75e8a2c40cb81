package dev.headlamp.experiments.cli;

import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.report.Labels;
import dev.headlamp.tokenizer.Bos;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What reports say of a model and of its tokens. */
final class ModelFacts {

  private ModelFacts() {}

  /** Returns name, sizes, type and processing, in the order to show them. */
  static Map<String, String> of(HookedGpt2 model) {
    Gpt2Config config = model.config();
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("model", config.name());
    facts.put(
        "sizes",
        "%d layers × %d heads, d_model %d, d_head %d, d_mlp %d, vocabulary %d, context %d"
            .formatted(
                config.nLayers(),
                config.nHeads(),
                config.dModel(),
                config.dHead(),
                config.dMlp(),
                config.dVocab(),
                config.nCtx()));
    facts.put("arithmetic", Precision.of(model.dataType()).toString());
    facts.put("weight processing", model.processing().toString());
    return facts;
  }

  /** Returns the texts of a prompt's tokens, fit to be shown. */
  static List<String> tokenTexts(HookedGpt2 model, TokenBatch tokens, int prompt) {
    return Arrays.stream(tokens.prompt(prompt)).mapToObj(id -> shown(model, id)).toList();
  }

  /** Returns the text of a token in quotes, or the number of one without text. */
  static String quoted(HookedGpt2 model, int id) {
    String text = shown(model, id);
    return text.equals("#" + id) ? text : '"' + text + '"';
  }

  /** Returns whether texts get a beginning-of-sequence token, and which: as reports say it. */
  static String bos(HookedGpt2 model, Bos bos) {
    return bos == Bos.NONE ? "no BOS" : "BOS " + model.tokenText(model.tokenizer().bosId());
  }

  private static String shown(HookedGpt2 model, int id) {
    return Labels.visible(model.tokenText(id));
  }
}
