package dev.headlamp.experiments.verify;

import dev.headlamp.hooks.HookedGpt2;
import java.util.List;

/**
 * Figures of every IOI prompt there is: 15 templates, 8 places, 8 objects, 99 · 98 pairs of names.
 * Too long for a check: GPT-2 small alone takes some 3·10¹⁶ operations, days on a few cores.
 */
record EnumerationCheck(Expectation mean, Expectation deviation, Expectation belowZero)
    implements Check {

  private static final String REASON =
      "needs the enumeration: a run over all 9,313,920 prompts, days on a few cores";

  @Override
  public String title() {
    return "enumeration of all IOI prompts";
  }

  @Override
  public List<Finding> measure(HookedGpt2 model) {
    return List.of(
        new Finding.NotRun("mean logit difference of all IOI prompts", mean, REASON),
        new Finding.NotRun("standard deviation of these logit differences", deviation, REASON),
        new Finding.NotRun("prompts with a logit difference below zero", belowZero, REASON));
  }
}
