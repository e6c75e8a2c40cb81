package dev.headlamp.experiments.course;

import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.Positions;
import dev.headlamp.hooks.heads.AttentionBetween;
import dev.headlamp.hooks.lens.LayerNormScale;
import dev.headlamp.hooks.lens.LogitLens;
import dev.headlamp.hooks.lens.LogitTarget;
import dev.headlamp.hooks.lens.ResidualStream;
import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.List;

/**
 * Direct attribution of the mean logit difference at the last position, and where each head looks
 * from there. All in logits, but for the attention.
 *
 * @param accumulated the logit difference that the stream holds at each state, {@code [component]}:
 *     in front of each layer, behind its attention, and at the end; all states divided by what the
 *     final layer norm divided by in the run
 * @param byLayer what each part wrote, {@code [component]}: embeddings, attentions and MLPs
 * @param byHead what each head wrote, {@code [layer, head]}
 * @param attention mean attention of each head from the last position, {@code [to, layer, head]}:
 *     to the indirect object (IO), to the subject where it is introduced (S1) and said again (S2)
 */
public record CourseAttribution(
    LabelledArray accumulated,
    LabelledArray byLayer,
    LabelledArray byHead,
    LabelledArray attention) {

  /**
   * Runs the clean prompts and attributes their mean logit difference.
   *
   * @throws IllegalArgumentException if a name is not one token, or the prompts do not fit
   */
  public static CourseAttribution of(HookedGpt2 model, CourseTask task) {
    Gpt2Config config = model.config();
    LogitTarget target = LogitTarget.difference(task.correct(model), task.incorrect(model));
    try (CachedRun run = model.runWithCache(task.clean(), CacheSpec.defaults())) {
      ResidualStream last = ResidualStream.of(model, run.cache()).at(Positions.last());
      LabelledArray accumulated =
          LogitLens.of(last.accumulated().withMid())
              .withScale(LayerNormScale.CACHED)
              .logits(target)
              .meanOver("prompt")
              .slice("position", 0);
      LabelledArray byLayer = last.components().attribution(target).mean().slice("position", 0);
      LabelledArray byHead = last.heads().attribution(target).mean();
      return new CourseAttribution(
          accumulated.named("logit difference from the accumulated residual stream"),
          byLayer.named("direct attribution by layer"),
          LabelledArray.of(
              "direct attribution by head",
              "logits",
              List.of(
                  Axis.numbered("layer", config.nLayers()), Axis.numbered("head", config.nHeads())),
              byHead.values()),
          attention(model, task, run));
    }
  }

  private static LabelledArray attention(HookedGpt2 model, CourseTask task, CachedRun run) {
    List<LabelledArray> byName =
        List.of(task.indirectObject(model), task.subject1(model), task.subject2(model)).stream()
            .map(to -> AttentionBetween.of(run.cache(), Positions.last(), to).meanOver("prompt"))
            .toList();
    return LabelledArray.stack(
        "attention from the last position", Axis.of("to", "IO", "S1", "S2"), byName);
  }
}
