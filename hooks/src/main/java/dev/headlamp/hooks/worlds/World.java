package dev.headlamp.hooks.worlds;

import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.Hook;
import dev.headlamp.hooks.HookContext;
import dev.headlamp.hooks.HookRegistry;
import dev.headlamp.hooks.HookRegistry.Registration;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.Part;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * One of several {@link Worlds}: named prompts, and the hooks that change what they hold. Hooks see
 * this world's values only, as if it were run by itself, and those on one point are applied in the
 * order of their registration.
 */
public final class World {

  /** One registration. Not a record: the same hook registered twice is two entries. */
  private static final class Entry {
    private final Predicate<HookPoint> points;
    private final Part part;
    private final ReadingHook hook;

    private Entry(Predicate<HookPoint> points, Part part, ReadingHook hook) {
      this.points = points;
      this.part = part;
      this.hook = hook;
    }
  }

  private final HookedGpt2 model;
  private final String name;
  private final TokenBatch tokens;
  private final List<Entry> entries = new CopyOnWriteArrayList<>();

  World(HookedGpt2 model, String name, TokenBatch tokens) {
    this.model = model;
    this.name = name;
    this.tokens = Objects.requireNonNull(tokens, "tokens");
  }

  /** Returns the name. */
  public String name() {
    return name;
  }

  /** Returns the prompts. */
  public TokenBatch tokens() {
    return tokens;
  }

  /**
   * Registers a hook on a part of a point, by any of the names that {@link HookPoint#parse} reads.
   *
   * @throws IllegalArgumentException if the model has no such point, or the point no such part
   */
  public Registration add(String point, Part part, Hook hook) {
    return add(named(point), part, hook);
  }

  /**
   * Registers a hook on a part of every point that {@code points} accepts.
   *
   * @throws IllegalArgumentException if it accepts none, or one that has no such part
   */
  public Registration add(Predicate<HookPoint> points, Part part, Hook hook) {
    Objects.requireNonNull(hook, "hook");
    return addReading(points, part, (value, context, others) -> hook.apply(value, context));
  }

  /**
   * Registers a hook that reads other worlds on a part of a point, by any of the names that {@link
   * HookPoint#parse} reads.
   *
   * @throws IllegalArgumentException if the model has no such point, or the point no such part
   */
  public Registration addReading(String point, Part part, ReadingHook hook) {
    return addReading(named(point), part, hook);
  }

  /**
   * Registers a hook that reads other worlds on a part of every point that {@code points} accepts.
   *
   * @throws IllegalArgumentException if it accepts none, or one that has no such part
   */
  public Registration addReading(Predicate<HookPoint> points, Part part, ReadingHook hook) {
    try (HookRegistry refusing = model.newHooks()) {
      refusing.add(points, part, (value, context) -> value);
    }
    Entry entry = new Entry(points, part, Objects.requireNonNull(hook, "hook"));
    entries.add(entry);
    return () -> entries.remove(entry);
  }

  private Predicate<HookPoint> named(String point) {
    return HookPoint.parse(point, model.config())::equals;
  }

  /**
   * Returns the hooks as they are now, for one run.
   *
   * @param others what the hook called at a place may read
   */
  HookRegistry hooks(Function<HookContext, OtherWorlds> others) {
    HookRegistry hooks = model.newHooks();
    for (Entry entry : entries) {
      hooks.add(
          entry.points,
          entry.part,
          (value, context) -> {
            OtherWorlds readable = others.apply(context);
            try {
              return entry.hook.apply(value, context, readable);
            } finally {
              readable.end();
            }
          });
    }
    return hooks;
  }
}
