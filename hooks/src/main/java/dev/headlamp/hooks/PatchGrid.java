package dev.headlamp.hooks;

import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.TokenBatch;

/** The patches of a sweep in the order of its result, the last axis fastest. */
final class PatchGrid {

  private final PatchSweep sweep;
  private final int[] sizes;

  PatchGrid(PatchSweep sweep, Gpt2Config config, TokenBatch tokens) {
    this.sweep = sweep.checkedForLayers();
    this.sizes =
        sweep.axes().stream()
            .mapToInt(
                axis ->
                    switch (axis) {
                      case LAYER -> config.nLayers();
                      case HEAD -> config.nHeads();
                      case POS, DEST, SOURCE -> tokens.length();
                    })
            .toArray();
  }

  long size() {
    long size = 1;
    for (int axis : sizes) {
      size = Math.multiplyExact(size, (long) axis);
    }
    return size;
  }

  Patch patch(int index) {
    int layer = HookPoint.NO_LAYER;
    Part part = Part.everything();
    int rest = index;
    for (int axis = sizes.length - 1; axis >= 0; axis--) {
      int entry = rest % sizes[axis];
      rest /= sizes[axis];
      switch (sweep.axes().get(axis)) {
        case LAYER -> layer = entry;
        case HEAD -> part = part.heads(entry);
        case POS, DEST -> part = part.at(entry);
        case SOURCE -> part = part.sources(entry);
      }
    }
    return new Patch(new HookPoint(sweep.activation(), layer), part);
  }
}
