package dev.headlamp.hooks;

import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.engine.HookPoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/**
 * Hooks for runs of a model. They belong to the runs that this registry is passed to, not to the
 * model: nothing is left behind when a run fails, and two threads with a registry each do not see
 * one another's.
 *
 * <p>Hooks on one point are applied in the order of their registration, each to what the one before
 * returned. A registration is closed by itself, or with the registry.
 *
 * <pre>{@code
 * try (HookRegistry hooks = model.newHooks()) {
 *   hooks.add("blocks.9.attn.hook_z", Part.everything().heads(9), Interventions.zero());
 *   INDArray logits = model.run(tokens, hooks);
 * }
 * }</pre>
 */
public final class HookRegistry implements AutoCloseable {

  /** A hook that is in force until closed. */
  public interface Registration extends AutoCloseable {
    /** Removes the hook. Closing again has no effect. */
    @Override
    void close();
  }

  /** One registration. Not a record: the same hook registered twice is two entries. */
  static final class Entry {
    private final Set<HookPoint> points;
    private final Part part;
    private final Hook hook;

    private Entry(Set<HookPoint> points, Part part, Hook hook) {
      this.points = points;
      this.part = part;
      this.hook = hook;
    }

    Set<HookPoint> points() {
      return points;
    }

    Part part() {
      return part;
    }

    Hook hook() {
      return hook;
    }
  }

  private final Gpt2Config config;
  private final List<Entry> entries = new CopyOnWriteArrayList<>();

  HookRegistry(Gpt2Config config) {
    this.config = config;
  }

  /**
   * Registers a hook on a point, by any of the names that {@link HookPoint#parse} reads.
   *
   * @throws IllegalArgumentException if the model has no such point; the message lists the nearest
   */
  public Registration add(String point, Hook hook) {
    return add(point, Part.everything(), hook);
  }

  /**
   * Registers a hook on a part of a point: it is given a copy of that part, and what it returns is
   * put in its place.
   *
   * @throws IllegalArgumentException if the model has no such point, or the point no such part
   */
  public Registration add(String point, Part part, Hook hook) {
    return add(HookPoint.parse(point, config), part, hook);
  }

  /**
   * Registers a hook on a point.
   *
   * @throws IllegalArgumentException if the model has no such point
   */
  public Registration add(HookPoint point, Hook hook) {
    return add(point, Part.everything(), hook);
  }

  /**
   * Registers a hook on a part of a point.
   *
   * @throws IllegalArgumentException if the model has no such point, or the point no such part
   */
  public Registration add(HookPoint point, Part part, Hook hook) {
    return register(List.of(point.checkedFor(config)), part, hook);
  }

  /**
   * Registers a hook on every point that {@code points} accepts.
   *
   * @throws IllegalArgumentException if it accepts none, because that hook would never be called
   */
  public Registration add(Predicate<HookPoint> points, Hook hook) {
    return add(points, Part.everything(), hook);
  }

  /**
   * Registers a hook on a part of every point that {@code points} accepts.
   *
   * @throws IllegalArgumentException if it accepts none, or one that has no such part
   */
  public Registration add(Predicate<HookPoint> points, Part part, Hook hook) {
    List<HookPoint> accepted = HookPoint.all(config).stream().filter(points).toList();
    if (accepted.isEmpty()) {
      throw new IllegalArgumentException(
          "the predicate accepts none of the points of "
              + config.name()
              + ": the hook would never be called");
    }
    return register(accepted, part, hook);
  }

  private Registration register(List<HookPoint> points, Part part, Hook hook) {
    points.forEach(point -> part.checkFor(point, config));
    Entry entry = new Entry(Set.copyOf(points), part, Objects.requireNonNull(hook, "hook"));
    entries.add(entry);
    return () -> entries.remove(entry);
  }

  /** Returns how many hooks are in force. */
  public int size() {
    return entries.size();
  }

  Gpt2Config config() {
    return config;
  }

  /** Returns the hooks as they are now: a run is not disturbed by what is registered meanwhile. */
  List<Entry> snapshot() {
    return new ArrayList<>(entries);
  }

  /** Removes all hooks. */
  @Override
  public void close() {
    entries.clear();
  }
}
