package dev.headlamp.hooks.worlds;

import dev.headlamp.engine.HookPoint;
import dev.headlamp.hooks.HookContext;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What a hook may read of the worlds that were added before its own. */
public final class OtherWorlds {

  private final WorldsTap run;
  private final Lane reader;
  private final HookContext context;
  private boolean open = true;

  OtherWorlds(WorldsTap run, Lane reader, HookContext context) {
    this.run = run;
    this.reader = reader;
    this.context = context;
  }

  /**
   * Returns what another world holds at the point where the hook is called: the part that the hook
   * was registered for, after that world's own hooks.
   *
   * @return a copy, with the axes of the point
   * @throws IllegalArgumentException if there is no such world, it is the hook's own or was added
   *     after it, or it has other numbers of prompts or positions
   * @throws IllegalStateException if the hook has returned
   */
  public INDArray here(String world) {
    checkOpen();
    INDArray value = readable(world).of(context.point().activation(), run.passing());
    INDArray part = context.partOf(value);
    return part == value ? value.dup('c') : part;
  }

  /**
   * Returns what another world held at an earlier point, as its cache keeps it.
   *
   * @param point any of the names that {@link HookPoint#parse} reads
   * @return the whole array, borrowed from the cache
   * @throws IllegalArgumentException if there is no such world or point, the run has not reached
   *     it, or it is not kept
   * @throws IllegalStateException if the hook has returned
   */
  public INDArray at(String world, String point) {
    checkOpen();
    Lane lane = readable(world);
    HookPoint earlier = HookPoint.parse(point, run.config());
    if (earlier.compareTo(context.point()) >= 0) {
      throw new IllegalArgumentException(
          "a hook on %s cannot read %s of '%s': the run has not passed it yet"
              .formatted(context.point(), earlier, world));
    }
    return lane.kept(earlier);
  }

  private Lane readable(String world) {
    Lane lane = run.lane(world);
    if (lane.equals(reader)) {
      throw new IllegalArgumentException(
          "a hook of '%s' is given what that world holds: it cannot read it from the others"
              .formatted(world));
    }
    if (lane.first() > reader.first()) {
      throw new IllegalArgumentException(
          "a hook of '%s' on %s cannot read '%s', whose hooks come later: add that world before"
              .formatted(reader.name(), context.point(), world));
    }
    return lane;
  }

  private void checkOpen() {
    if (!open) {
      throw new IllegalStateException(
          "what other worlds held at " + context.point() + " is gone: the hook has returned");
    }
  }

  /** Ends the reading, when the hook has returned. */
  void end() {
    open = false;
  }
}
