package dev.headlamp.experiments.mlps;

import dev.headlamp.hooks.Hook;
import dev.headlamp.hooks.HookRegistry;
import dev.headlamp.hooks.HookedGpt2;
import java.util.List;

/** Something that a model does, measured while parts of it are ablated. Borrows the model. */
public sealed interface Behaviour extends AutoCloseable permits IoiBehaviour, TextBehaviour {

  /** Returns the model, borrowed. */
  HookedGpt2 model();

  /** Returns what is measured, in the order of {@link #measure}. */
  List<String> quantities();

  /**
   * Measures it in runs with hooks.
   *
   * @throws ArithmeticException if the model gives no numbers
   */
  double[] measure(HookRegistry hooks);

  /**
   * Returns the ablation that puts an MLP's mean where the MLP has written: the mean that fits this
   * behaviour. The first call runs the model; until this is closed it holds what the MLPs wrote.
   */
  Hook mean();

  /** Frees what the means were taken of. */
  @Override
  void close();
}
