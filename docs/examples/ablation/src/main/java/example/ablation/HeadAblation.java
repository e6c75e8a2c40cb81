package example.ablation;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.RunResult;
import dev.headlamp.engine.RunSpec;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.Hook;
import dev.headlamp.hooks.HookRegistry;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.Interventions;
import dev.headlamp.hooks.Metric;
import dev.headlamp.hooks.Metrics;
import dev.headlamp.hooks.Part;
import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.LabelledArray;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Which heads does a GPT-2 need to say who gets the drink? Each in turn is mean-ablated. */
public final class HeadAblation {

  /** Indirect object, subject, and a third name for prompts in which nobody is named twice. */
  private static final String[][] NAMES = {
    {"Mary", "John", "David"}, {"John", "Mary", "Sarah"},
    {"James", "Sarah", "John"}, {"Sarah", "James", "Mary"}
  };

  public static void main(String[] args) throws IOException {
    try (HookedGpt2 model = HookedGpt2.load(Path.of(args[0]))) {
      System.out.println("change of the mean logit difference, largest first:");
      for (LabelledArray.Cell head : changes(model).top(8)) {
        List<String> at = head.labels();
        System.out.printf("layer %s head %s  %+.2f%n", at.get(0), at.get(1), head.value());
      }
    }
  }

  /** Returns [layer, head]. */
  private static LabelledArray changes(HookedGpt2 model) {
    int layers = model.config().nLayers();
    int heads = model.config().nHeads();
    TokenBatch prompts = prompts(model, 1);
    Metric metric = Metrics.logitDifference(names(model, 0), names(model, 1));
    double[] changes = new double[layers * heads];
    try (CachedRun reference = model.runWithCache(prompts(model, 2), CacheSpec.of(Activation.Z))) {
      Hook ablation = Interventions.meanOverPrompts(reference.cache());
      double before = measure(model, prompts, metric, model.newHooks());
      for (int i = 0; i < changes.length; i++) {
        try (HookRegistry hooks = model.newHooks()) {
          HookPoint z = HookPoint.of(Activation.Z, i / heads);
          hooks.add(z, Part.everything().heads(i % heads), ablation);
          changes[i] = measure(model, prompts, metric, hooks) - before;
        }
      }
    }
    List<Axis> axes = List.of(Axis.numbered("layer", layers), Axis.numbered("head", heads));
    return LabelledArray.of("mean ablation of z", metric.name(), axes, changes);
  }

  private static double measure(
      HookedGpt2 model, TokenBatch prompts, Metric metric, HookRegistry hooks) {
    try (RunResult run = model.run(RunSpec.of(prompts).withLogits(metric.reads()), hooks)) {
      return metric.mean(run.logits(), prompts);
    }
  }

  /** Returns the prompts in which the given one of the three names is the one who gives. */
  private static TokenBatch prompts(HookedGpt2 model, int giver) {
    String[] texts = new String[NAMES.length];
    for (int i = 0; i < texts.length; i++) {
      texts[i] =
          "When %s and %s went to the store, %s gave a drink to"
              .formatted(NAMES[i][0], NAMES[i][1], NAMES[i][giver]);
    }
    return model.toTokens(texts);
  }

  /** Returns the token id of one of the three names for each prompt. */
  private static int[] names(HookedGpt2 model, int which) {
    int[] ids = new int[NAMES.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = model.tokenizer().toSingleToken(" " + NAMES[i][which]);
    }
    return ids;
  }
}
