package dev.headlamp.hooks.worlds;

import dev.headlamp.hooks.HookContext;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A hook of one world that looks at others. */
@FunctionalInterface
public interface ReadingHook {

  /**
   * Takes the value of a point in this hook's world, or the part of it that the hook was registered
   * for.
   *
   * @param value as {@link dev.headlamp.hooks.Hook#apply} is given it: borrowed, not to be written
   *     into
   * @param context where the hook is called; its prompts are this world's
   * @param others what the other worlds hold; during this call only
   * @return {@code value} to change nothing, or another array of the same shape and type, which is
   *     copied
   */
  INDArray apply(INDArray value, HookContext context, OtherWorlds others);

  /**
   * Returns a hook that puts what another world holds at the same point of the same run: activation
   * patching.
   *
   * @param world the name of a world that was added before this hook's
   */
  static ReadingHook replaceFrom(String world) {
    return (value, context, others) -> others.here(world);
  }
}
