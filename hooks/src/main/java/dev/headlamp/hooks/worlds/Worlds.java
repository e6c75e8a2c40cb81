package dev.headlamp.hooks.worlds;

import dev.headlamp.engine.RunResult;
import dev.headlamp.engine.RunSpec;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.HookedGpt2;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Several worlds in one run: prompts, the same or others, that share a batch and nothing else. Each
 * world has a name and hooks of its own, and holds what it would hold in a run by itself. A hook
 * may read what the worlds that were added before its own hold, at the same point of the same run.
 *
 * <p>After the invokes of nnsight (Fiotto-Kaufman et al. 2024, arXiv 2407.14561) and the worlds
 * axis of penzai.
 *
 * <pre>{@code
 * Worlds worlds = Worlds.of(model);
 * worlds.add("clean", clean);
 * worlds.add("corrupted", corrupted);
 * worlds
 *     .add("patched", corrupted)
 *     .addReading("z0", Part.everything().heads(2), ReadingHook.replaceFrom("clean"));
 * try (WorldsRun run = worlds.run()) {
 *   INDArray logits = run.logits("patched");
 * }
 * }</pre>
 *
 * <p>Worlds are added by one thread at a time. They may be run often, and a run is not disturbed by
 * what is registered meanwhile.
 */
public final class Worlds {

  private final HookedGpt2 model;
  private final Map<String, World> worlds = new LinkedHashMap<>();

  private Worlds(HookedGpt2 model) {
    this.model = Objects.requireNonNull(model, "model");
  }

  /** Returns no worlds yet, of a model, which is borrowed. */
  public static Worlds of(HookedGpt2 model) {
    return new Worlds(model);
  }

  /**
   * Adds a world without hooks, behind those there are.
   *
   * @param name what to call it
   * @param prompts its prompts, of any number and length
   * @return the world, to register hooks
   * @throws IllegalArgumentException if the name is blank, or another world's
   */
  public World add(String name, TokenBatch prompts) {
    if (name.isBlank()) {
      throw new IllegalArgumentException("a world needs a name, not '" + name + "'");
    }
    if (worlds.containsKey(name)) {
      throw new IllegalArgumentException(
          "there is a world '" + name + "' already: names must differ");
    }
    World world = new World(model, name, prompts);
    worlds.put(name, world);
    return world;
  }

  /**
   * Runs all worlds at once, and keeps nothing but the logits.
   *
   * @throws IllegalStateException if there is no world
   * @throws IllegalArgumentException if prompts do not fit the model, or a hook fails
   */
  public WorldsRun run() {
    return run(CacheSpec.of(point -> false));
  }

  /**
   * Runs all worlds at once, and keeps what the points of each held, edits included.
   *
   * @param keep what is kept of each world, as if it were run by itself
   * @throws IllegalStateException if there is no world
   * @throws IllegalArgumentException if prompts do not fit the model, a point to be kept is never
   *     reached, or a hook fails
   */
  public WorldsRun run(CacheSpec keep) {
    if (worlds.isEmpty()) {
      throw new IllegalStateException("there is no world to run: add one");
    }
    List<World> all = new ArrayList<>(worlds.values());
    TokenBatch tokens = TokenBatch.concat(all.stream().map(World::tokens).toList());
    WorldsTap tap = new WorldsTap(model, all, keep);
    RunSpec spec = RunSpec.of(tokens).withTap(tap);
    boolean toTheLogits = keep.stopLayer() == RunSpec.ALL_LAYERS;
    try (RunResult result =
        model.engine().run(toTheLogits ? spec : spec.stopAt(keep.stopLayer()))) {
      return WorldsRun.of(tap.lanes(), toTheLogits ? result.logits() : null);
    } catch (RuntimeException | Error e) {
      tap.discard();
      throw e;
    }
  }
}
