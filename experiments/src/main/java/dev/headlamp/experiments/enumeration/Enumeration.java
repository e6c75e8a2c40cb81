package dev.headlamp.experiments.enumeration;

/**
 * The logit differences of all prompts of a space, or of some. {@code logit[indirect object] -
 * logit[subject]} at the last position: above zero where the model is right.
 *
 * @param space the prompts, whose order is that of the values
 * @param values {@code [row]}, NaN for a row that was not computed; not to be written to
 */
@SuppressWarnings("ArrayRecordComponent") // Millions of values, held once.
public record Enumeration(PromptSpace space, float[] values) {

  /**
   * @throws IllegalArgumentException unless there is a value for each row
   */
  public Enumeration {
    if (values.length != space.rows()) {
      throw new IllegalArgumentException(
          "there are %d values for %d prompts".formatted(values.length, space.rows()));
    }
  }

  /** Takes one logit difference after the other. */
  @FunctionalInterface
  public interface Visitor {

    /** Takes what a prompt is made of, as indices into the lists of the space, and its value. */
    void visit(
        int template, int place, int object, int subject, int indirectObject, float difference);
  }

  /** Shows every row of a slice that was computed, in the order of the rows. */
  public void forEach(Slice slice, Visitor visitor) {
    int row = 0;
    for (int template = 0; template < space.templates().size(); template++) {
      for (int place = 0; place < space.places().size(); place++) {
        for (int object = 0; object < space.objects().size(); object++) {
          for (int subject = 0; subject < space.names().size(); subject++) {
            if (!slice.has(template, place, object, subject)) {
              row += space.others();
              continue;
            }
            for (int other = 0; other < space.others(); other++) {
              int indirectObject = other + (other >= subject ? 1 : 0);
              float value = values[row++];
              if (!Float.isNaN(value) && slice.hasIndirectObject(indirectObject)) {
                visitor.visit(template, place, object, subject, indirectObject, value);
              }
            }
          }
        }
      }
    }
  }
}
