package dev.headlamp.docs;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.RunResult;
import dev.headlamp.engine.RunSpec;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.engine.TokenLoss;
import dev.headlamp.experiments.ioi.IoiDataset;
import dev.headlamp.experiments.ioi.IoiFlip;
import dev.headlamp.experiments.ioi.IoiVocabulary;
import dev.headlamp.experiments.ioi.IoiWords;
import dev.headlamp.hooks.ActivationPatching;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.HookRegistry;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.Interventions;
import dev.headlamp.hooks.Metric;
import dev.headlamp.hooks.Metrics;
import dev.headlamp.hooks.Part;
import dev.headlamp.hooks.PatchSweep;
import dev.headlamp.hooks.lens.LogitLens;
import dev.headlamp.hooks.lens.ResidualStream;
import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.LabelledArray;
import dev.headlamp.hooks.report.attention.AttentionPatterns;
import dev.headlamp.hooks.report.plots.Histogram;
import dev.headlamp.hooks.report.plots.LinePlot;
import dev.headlamp.hooks.report.plots.ScatterPlot;
import dev.headlamp.hooks.report.tokens.ColoredTokens;
import dev.headlamp.hooks.report.tokens.LogitLensTable;
import dev.headlamp.hooks.report.tokens.TokenGuess;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The pictures of {@code docs/pictures.md}, each drawn from the demo model. */
final class Gallery {

  static final String PROMPT = "When Mary and John went to the store, John gave a drink to";

  private static final int PAIRS = 64;
  private static final int SEED = 1;

  private final HookedGpt2 model;
  private final TokenBatch prompt;
  private final List<String> tokens;

  Gallery(HookedGpt2 model) {
    this.model = model;
    this.prompt = model.toTokens(PROMPT);
    this.tokens = model.tokenizer().toTokenTexts(prompt.prompt(0));
  }

  AttentionPatterns attention() {
    try (CachedRun run = model.runWithCache(prompt, CacheSpec.of(Activation.PATTERN))) {
      List<INDArray> layers =
          IntStream.range(0, model.config().nLayers())
              .mapToObj(layer -> run.cache().get(HookPoint.of(Activation.PATTERN, layer)))
              .toList();
      return AttentionPatterns.of("Attention patterns of the demo model", layers, 0, tokens);
    }
  }

  LogitLensTable lens() {
    try (CachedRun run = model.runWithCache(prompt, CacheSpec.defaults())) {
      LogitLens lens = LogitLens.of(ResidualStream.of(model, run.cache()).accumulated().withMid());
      List<LogitLens.Prediction> predictions = lens.top(8);
      return LogitLensTable.of(
          "Logit lens of the demo model",
          new Axis("state", lens.labels()),
          tokens,
          (state, pos) ->
              predictions.get(state * tokens.size() + pos).top().stream()
                  .map(best -> new TokenGuess(model.tokenText(best.token()), best.probability()))
                  .toList());
    }
  }

  /** Returns the prompt and its answer, twice. */
  TokenBatch text() {
    return model.toTokens(PROMPT + " Mary. " + PROMPT + " Mary.");
  }

  /** Returns a text coloured by how much worse it is predicted without head 2 of layer 0. */
  ColoredTokens loss() {
    TokenBatch text = text();
    List<String> texts = model.tokenizer().toTokenTexts(text.prompt(0));
    double[] before = TokenLoss.perToken(model.run(text), text)[0];
    try (HookRegistry hooks = model.newHooks()) {
      hooks.add("z0", Part.everything().heads(2), Interventions.zero());
      double[] after = TokenLoss.perToken(model.run(text, hooks), text)[0];
      double[] change = new double[texts.size()];
      Arrays.setAll(change, i -> i == 0 ? LabelledArray.ABSENT : after[i - 1] - before[i - 1]);
      return ColoredTokens.of(
          LabelledArray.of(
              "Loss of each token without head 0.2, less the loss with it",
              "nats; red: better predicted without, blue: worse",
              List.of(Axis.positions("position", texts)),
              change),
          texts);
    }
  }

  Histogram logitDifferences() {
    IoiDataset prompts = prompts();
    Metric metric = Metrics.logitDifference(prompts.answers(), prompts.wrong());
    return Histogram.of(
        "Logit difference of " + PAIRS + " pairs of prompts",
        40,
        perPrompt("clean", metric, prompts.tokens()),
        perPrompt("corrupted", metric, corrupted(prompts)));
  }

  private LabelledArray perPrompt(String name, Metric metric, TokenBatch prompts) {
    try (RunResult run =
        model.run(RunSpec.of(prompts).withLogits(metric.reads()), model.newHooks())) {
      double[] values = metric.perPrompt(run.logits(), prompts);
      return LabelledArray.of(
          name, "logit difference", List.of(Axis.numbered("prompt", values.length)), values);
    }
  }

  ScatterPlot bothDirections() {
    IoiDataset prompts = prompts();
    Metric metric = Metrics.logitDifference(prompts.answers(), prompts.wrong());
    TokenBatch clean = prompts.tokens();
    TokenBatch corrupted = corrupted(prompts);
    PatchSweep heads = PatchSweep.head(Activation.Z);
    try (ActivationPatching in = ActivationPatching.denoising(model, clean, corrupted, metric);
        ActivationPatching out = ActivationPatching.noising(model, clean, corrupted, metric)) {
      return new ScatterPlot(
          "Each head's z patched in both directions",
          in.run(heads).named("clean into corrupted"),
          out.run(heads).named("corrupted into clean"));
    }
  }

  LinePlot byLayer() {
    try (CachedRun run = model.runWithCache(prompt, CacheSpec.defaults())) {
      int last = prompt.lastPos(0);
      LogitLens lens = LogitLens.of(ResidualStream.of(model, run.cache()).accumulated().withMid());
      List<String> names = List.of(" Mary", " John", " David");
      List<Double> values = new ArrayList<>();
      for (String name : names) {
        LabelledArray nats = lens.logProbabilities(model.tokenizer().toSingleToken(name));
        for (int state = 0; state < lens.labels().size(); state++) {
          values.add(nats.value(state, 0, last));
        }
      }
      return LinePlot.of(
          LabelledArray.of(
              "Log-probability of three names after the last token",
              "nats",
              List.of(new Axis("name", names), new Axis("state", lens.labels())),
              values.stream().mapToDouble(Double::doubleValue).toArray()));
    }
  }

  private IoiDataset prompts() {
    return IoiDataset.draw(IoiVocabulary.of(IoiWords.published(), model.tokenizer()), PAIRS, SEED);
  }

  private static TokenBatch corrupted(IoiDataset prompts) {
    return prompts.flipped(IoiFlip.S2_TO_IO, SEED).tokens();
  }
}
