package dev.headlamp.hooks.recipe;

import dev.headlamp.engine.HookPoint;
import dev.headlamp.hooks.ActivationCache;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.Hook;
import dev.headlamp.hooks.HookContext;
import dev.headlamp.hooks.HookRegistry;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.Interventions;
import dev.headlamp.hooks.Part;
import dev.headlamp.hooks.ablation.Ablations;
import dev.headlamp.hooks.ablation.ReferenceSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The hooks of a recipe for runs of one model, and what they take values from: memory outside the
 * Java heap until closed.
 */
public final class AppliedRecipe implements AutoCloseable {

  private final HookedGpt2 model;
  private final HookRegistry hooks;
  private final Map<Source, ActivationCache> references = new HashMap<>();
  private final List<INDArray> directions = new ArrayList<>();

  private AppliedRecipe(HookedGpt2 model) {
    this.model = model;
    this.hooks = model.newHooks();
  }

  static AppliedRecipe of(HookedGpt2 model, List<Step> steps) {
    AppliedRecipe applied = new AppliedRecipe(model);
    try {
      // First of all, so that nothing is run for a recipe that does not fit.
      steps.forEach(applied::checkFits);
      applied.runSources(steps);
      steps.forEach(applied::register);
      return applied;
    } catch (RuntimeException | Error e) {
      applied.close();
      throw e;
    }
  }

  /** Returns the hooks. They belong to this, and are removed when it is closed. */
  public HookRegistry hooks() {
    return hooks;
  }

  private void checkFits(Step step) {
    hooks.add(step.point(), step.part(), (value, context) -> value).close();
    if (step.action() instanceof Action.Replace replace
        && replace.from() instanceof StoredArray stored) {
      long[] one = step.point().activation().shape(model.config(), 1, 1, 1);
      List<Long> shape = stored.shape();
      boolean fits = shape.size() == one.length;
      for (int axis = 2; fits && axis < one.length; axis++) {
        fits = shape.get(axis) == one[axis];
      }
      if (!fits) {
        throw new IllegalArgumentException(
            "the stored array %s cannot stand for %s, which holds %s"
                .formatted(shape, step.point(), step.point().activation().shapeText()));
      }
    }
  }

  /** Runs each source once, whatever the number of steps that take values from it. */
  private void runSources(List<Step> steps) {
    Map<Source, Set<HookPoint>> points = new LinkedHashMap<>();
    for (Step step : steps) {
      Source source = sourceOf(step.action());
      if (source != null && !(source instanceof StoredArray)) {
        points.computeIfAbsent(source, s -> new LinkedHashSet<>()).add(step.point());
      }
    }
    points.forEach(
        (source, wanted) -> {
          CacheSpec keep = CacheSpec.of(wanted.toArray(HookPoint[]::new));
          CachedRun run = model.runWithCache(Source.prompts(source, model), keep);
          run.result().close();
          references.put(source, run.cache());
        });
  }

  private static @Nullable Source sourceOf(Action action) {
    if (action instanceof Action.Mean mean) {
      return mean.from();
    }
    return action instanceof Action.Replace replace ? replace.from() : null;
  }

  private void register(Step step) {
    Part part = step.part();
    if (step.action() instanceof Action.KnockOut) {
      Part rows = new Part(part.heads(), part.positions(), List.of(), part.neurons());
      int[] sources = part.sources().stream().mapToInt(Integer::intValue).toArray();
      hooks.add(step.point(), rows, Ablations.cutAttention(sources));
    } else {
      hooks.add(step.point(), part, hook(step.action()));
    }
  }

  private Hook hook(Action action) {
    if (action instanceof Action.Zero) {
      return Interventions.zero();
    } else if (action instanceof Action.Mean mean) {
      ReferenceSet reference = ReferenceSet.of(references.get(mean.from()));
      return mean.over() == Action.Mean.Over.PROMPTS
          ? Ablations.meanPerPosition(reference)
          : Ablations.meanOverPositions(reference);
    } else if (action instanceof Action.Replace replace) {
      return replace.from() instanceof StoredArray stored
          ? (value, context) -> part(stored.laidOut(context, value.dataType()), context)
          : Interventions.replaceFrom(references.get(replace.from()));
    } else if (action instanceof Action.Add add) {
      INDArray direction = add.direction().toArray(model.dataType());
      directions.add(direction);
      return Interventions.add(direction);
    } else if (action instanceof Action.Scale scale) {
      return Interventions.scale(scale.factor());
    } else if (action instanceof Action.Noise noise) {
      return Interventions.noise(noise.standardDeviation(), noise.seed());
    }
    throw new IllegalStateException("no hook does " + action);
  }

  private static INDArray part(INDArray whole, HookContext context) {
    INDArray part = context.partOf(whole);
    if (part != whole) {
      whole.close();
    }
    return part;
  }

  /** Removes the hooks and frees what they took values from. Closing again has no effect. */
  @Override
  public void close() {
    hooks.close();
    references.values().forEach(ActivationCache::close);
    directions.stream().filter(INDArray::closeable).forEach(INDArray::close);
    directions.clear();
  }
}
