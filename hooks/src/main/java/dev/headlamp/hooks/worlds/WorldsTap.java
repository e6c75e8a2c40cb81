package dev.headlamp.hooks.worlds;

import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.Tap;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CacheTap;
import dev.headlamp.hooks.HookRegistry;
import dev.headlamp.hooks.HookedGpt2;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Offers the points of one run to its worlds, one after the other. */
final class WorldsTap implements Tap {

  private final Gpt2Config config;
  private final List<Lane> lanes = new ArrayList<>();
  private INDArray passing = Nd4j.empty();

  WorldsTap(HookedGpt2 model, List<World> worlds, CacheSpec keep) {
    this.config = model.config();
    int first = 0;
    for (World world : worlds) {
      int place = lanes.size();
      HookRegistry hooks = world.hooks(context -> new OtherWorlds(this, lanes.get(place), context));
      CacheTap tap = CacheTap.of(model, world.tokens(), keep, hooks);
      lanes.add(new Lane(world.name(), world.tokens(), first, tap));
      first += world.tokens().batch();
    }
  }

  @Override
  public Interest interest(HookPoint point) {
    Interest interest = Interest.NONE;
    for (Lane lane : lanes) {
      if (lane.interest(point).mayChange()) {
        return Interest.OVERWRITE;
      }
      if (lane.interest(point) != Interest.NONE) {
        interest = Interest.READ;
      }
    }
    return interest;
  }

  @Override
  public INDArray offer(HookPoint point, INDArray value) {
    passing = value;
    lanes.forEach(lane -> lane.offer(point, value));
    return value;
  }

  /** Returns what the point that is passed holds now, of all worlds; borrowed. */
  INDArray passing() {
    return passing;
  }

  /**
   * Returns the lane of a world.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  Lane lane(String world) {
    return lanes.stream()
        .filter(lane -> lane.name().equals(world))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "there is no world '%s': this run has %s"
                        .formatted(world, lanes.stream().map(Lane::name).toList())));
  }

  List<Lane> lanes() {
    return Collections.unmodifiableList(lanes);
  }

  Gpt2Config config() {
    return config;
  }

  /** Frees what was kept of a run that failed. */
  void discard() {
    lanes.forEach(lane -> lane.tap().discard());
  }
}
