package dev.headlamp.hooks;

import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.engine.TokenBatch;
import java.util.List;

/** The patches of several sweeps, one sweep's behind the other's. */
final class PatchGrids {

  private final List<PatchGrid> grids;

  /** Where each sweep's patches begin, and behind them where the last one's end. */
  private final int[] starts;

  PatchGrids(List<PatchSweep> sweeps, Gpt2Config config, TokenBatch tokens) {
    this.grids = sweeps.stream().map(sweep -> new PatchGrid(sweep, config, tokens)).toList();
    this.starts = new int[grids.size() + 1];
    for (int i = 0; i < grids.size(); i++) {
      starts[i + 1] = Math.toIntExact(starts[i] + grids.get(i).size());
    }
  }

  /** Returns how many patches there are. */
  int size() {
    return starts[grids.size()];
  }

  /** Returns the number of a sweep's first patch. */
  int start(int sweep) {
    return starts[sweep];
  }

  Patch patch(int number) {
    int sweep = 0;
    while (number >= starts[sweep + 1]) {
      sweep++;
    }
    return grids.get(sweep).patch(number - starts[sweep]);
  }
}
