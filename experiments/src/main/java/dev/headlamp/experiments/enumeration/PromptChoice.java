package dev.headlamp.experiments.enumeration;

/** What a prompt is made of, as indices into the lists of its {@link PromptSpace}. */
public record PromptChoice(int template, int place, int object, int subject, int indirectObject) {

  /** Returns the index of one factor. */
  public int of(Factor factor) {
    return switch (factor) {
      case TEMPLATE -> template;
      case PLACE -> place;
      case OBJECT -> object;
      case SUBJECT -> subject;
      case INDIRECT_OBJECT -> indirectObject;
    };
  }
}
