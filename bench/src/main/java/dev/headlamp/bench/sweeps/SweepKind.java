package dev.headlamp.bench.sweeps;

import dev.headlamp.engine.Activation;
import dev.headlamp.hooks.PatchSweep;
import java.util.List;

/** The sweeps that are measured, and what each has to be on each workload. */
public enum SweepKind {
  /** Each head's output at all positions. */
  HEADS("heads, all positions", 3, 8, 1.3, false),
  /** The residual stream entering each block, by position. */
  RESIDUAL("residual stream", 5.5, 30, 1.3, false),
  /** Each head's q, k, v and z by position. */
  HEADS_BY_POSITION("q, k, v, z by position", 6, 35, 1.3, true),
  /** Each entry of each head's pattern. */
  PATTERN("pattern", 15, 45, 1.5, true);

  private final String text;
  private final double targetA;
  private final double targetB;
  private final double leastWorkLimit;
  private final boolean large;

  SweepKind(String text, double targetA, double targetB, double leastWorkLimit, boolean large) {
    this.text = text;
    this.targetA = targetA;
    this.targetB = targetB;
    this.leastWorkLimit = leastWorkLimit;
    this.large = large;
  }

  String text() {
    return text;
  }

  /** Returns how many times faster than done naively it has to be. */
  double target(Workload workload) {
    return workload == Workload.A ? targetA : targetB;
  }

  /** Returns how many times the least work it may cost. */
  double leastWorkLimit() {
    return leastWorkLimit;
  }

  /** Returns whether the usual set has time for a part of it only. */
  boolean isLarge() {
    return large;
  }

  List<PatchSweep> sweeps() {
    return switch (this) {
      case HEADS -> List.of(PatchSweep.head(Activation.Z));
      case RESIDUAL -> List.of(PatchSweep.residPre());
      case HEADS_BY_POSITION ->
          List.of(
              PatchSweep.headByPos(Activation.Q),
              PatchSweep.headByPos(Activation.K),
              PatchSweep.headByPos(Activation.V),
              PatchSweep.headByPos(Activation.Z));
      case PATTERN -> List.of(PatchSweep.patternByDestAndSource());
    };
  }
}
