package dev.headlamp.experiments.ioi.log;

import dev.headlamp.experiments.ioi.IoiTemplate;
import java.util.List;

/** The research log's three templates. */
public final class LogTemplates {

  private static final List<IoiTemplate> ALL =
      List.of(
          new IoiTemplate(1, "When [B] and [A] went to the store, [B] gave a drink to [A]"),
          new IoiTemplate(2, "When [B] and [A] went to the park, [B] gave a leaf to [A]"),
          new IoiTemplate(3, "Yesterday [B] and [A] went to the store. [B] gave a drink to [A]"));

  private LogTemplates() {}

  /** Returns the templates, numbered from 1. */
  public static List<IoiTemplate> all() {
    return ALL;
  }
}
