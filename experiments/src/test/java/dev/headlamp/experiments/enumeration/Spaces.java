package dev.headlamp.experiments.enumeration;

import java.util.List;

/** Spaces of prompts that take no time. */
public final class Spaces {

  private Spaces() {}

  /** Returns 3 templates (one without place and object), 2 places, 2 objects, 4 names: 144 rows. */
  public static PromptSpace small() {
    PromptSpace all = PromptSpace.standard();
    return new PromptSpace(
        List.of(all.templates().get(0), all.templates().get(4), all.templates().get(13)),
        List.of("store", "garden"),
        List.of("ring", "drink"),
        List.of("Michael", "Jessica", "Mary", "John"));
  }
}
