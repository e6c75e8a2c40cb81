package dev.headlamp.experiments.ioi;

import java.util.Objects;

/**
 * A prompt of the IOI task in words. All words are without the space before them.
 *
 * @param template the sentence
 * @param form which name comes first
 * @param indirectObject the name said once, which answers the prompt: IO
 * @param subject1 the other name where it is introduced: S1
 * @param subject2 the name said in the second clause: S2. It is S1 again, unless the prompt was
 *     flipped
 * @param place where it happens; drawn even for a template that names none
 * @param object what is given; drawn even for a template that names none
 */
public record IoiPrompt(
    IoiTemplate template,
    IoiForm form,
    String indirectObject,
    String subject1,
    String subject2,
    String place,
    String object) {

  /** Checks that nothing is missing. */
  public IoiPrompt {
    Objects.requireNonNull(template, "template");
    Objects.requireNonNull(form, "form");
    Objects.requireNonNull(indirectObject, "indirectObject");
    Objects.requireNonNull(subject1, "subject1");
    Objects.requireNonNull(subject2, "subject2");
    Objects.requireNonNull(place, "place");
    Objects.requireNonNull(object, "object");
  }

  /** Returns this prompt with other names. */
  public IoiPrompt withNames(String indirectObject, String subject1, String subject2) {
    return new IoiPrompt(template, form, indirectObject, subject1, subject2, place, object);
  }

  /** Returns this prompt with IO in the place of S2: the other name is now the answer. */
  public IoiPrompt withOtherAnswer() {
    return withNames(indirectObject, subject1, indirectObject);
  }

  /** Returns this prompt with its first two names exchanged. */
  public IoiPrompt inOtherOrder() {
    return new IoiPrompt(template, form.other(), indirectObject, subject1, subject2, place, object);
  }

  /** Returns the text, without the answer. */
  public String text() {
    String text = template.skeleton(form);
    for (IoiSlot slot : IoiSlot.values()) {
      text = text.replace(slot.mark(), word(slot));
    }
    return text;
  }

  /** Returns the word that goes into a gap. */
  String word(IoiSlot slot) {
    return switch (slot) {
      case IO -> indirectObject;
      case S1 -> subject1;
      case S2 -> subject2;
      case PLACE -> place;
      case OBJECT -> object;
    };
  }
}
