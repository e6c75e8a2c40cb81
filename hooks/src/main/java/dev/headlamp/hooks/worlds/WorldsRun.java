package dev.headlamp.hooks.worlds;

import dev.headlamp.engine.Activation;
import dev.headlamp.hooks.ActivationCache;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What several worlds gave in one run. Holds memory outside the Java heap until closed. */
public final class WorldsRun implements AutoCloseable {

  private final Map<String, INDArray> logits = new LinkedHashMap<>();
  private final Map<String, ActivationCache> caches = new LinkedHashMap<>();

  private WorldsRun() {}

  /**
   * Returns copies of each world's logits, if there are any, and its cache.
   *
   * @param logits of the whole batch, borrowed
   */
  static WorldsRun of(List<Lane> lanes, @Nullable INDArray logits) {
    WorldsRun run = new WorldsRun();
    for (Lane lane : lanes) {
      run.caches.put(lane.name(), lane.cache());
      if (logits != null) {
        run.logits.put(lane.name(), lane.of(Activation.UNEMBED_OUT, logits).dup('c'));
      }
    }
    return run;
  }

  /** Returns the names of the worlds, in the order in which they were added. */
  public List<String> names() {
    return List.copyOf(caches.keySet());
  }

  /**
   * Returns the logits of a world, {@code [batch, pos, d_vocab]} of its prompts. Owned by this run.
   *
   * @throws IllegalArgumentException if there is no such world
   * @throws IllegalStateException if the run was stopped before the logits
   */
  public INDArray logits(String world) {
    check(world);
    INDArray held = logits.get(world);
    if (held == null) {
      throw new IllegalStateException("this run was stopped before the logits");
    }
    return held;
  }

  /**
   * Returns what the points of a world held, with the numbers of prompts and positions that it
   * would have in a run by itself. Owned by this run.
   *
   * @throws IllegalArgumentException if there is no such world
   */
  public ActivationCache cache(String world) {
    check(world);
    return caches.get(world);
  }

  private void check(String world) {
    if (!caches.containsKey(world)) {
      throw new IllegalArgumentException(
          "there is no world '%s': this run has %s".formatted(world, caches.keySet()));
    }
  }

  /** Frees the logits and the caches. Closing again has no effect. */
  @Override
  public void close() {
    logits.values().stream().filter(INDArray::closeable).forEach(INDArray::close);
    caches.values().forEach(ActivationCache::close);
  }
}
