package dev.headlamp.experiments.ioi.log;

import dev.headlamp.experiments.ioi.IoiDataset;
import dev.headlamp.experiments.ioi.IoiFlip;
import dev.headlamp.experiments.ioi.IoiForm;
import dev.headlamp.experiments.ioi.IoiPrompt;
import dev.headlamp.experiments.ioi.IoiPrompts;
import dev.headlamp.experiments.ioi.IoiTemplate;
import dev.headlamp.experiments.ioi.IoiVocabulary;
import java.util.List;

/** Which of a prompt's three names are the same, as the research log writes it. */
public enum NameForm {
  /** Three different names: no name is to be expected next. */
  ABC,
  /** The first name again: the second is to be expected. The paper's BABA. */
  ABA,
  /** The second name again: the first is to be expected. The paper's ABBA. */
  ABB;

  /** Returns a prompt in this form whose names are A, B and C. */
  public String example(IoiTemplate template) {
    return switch (this) {
      case ABC -> example(template, IoiForm.BABA, "B", "A", "C");
      case ABA -> example(template, IoiForm.BABA, "B", "A", "A");
      case ABB -> example(template, IoiForm.ABBA, "A", "B", "B");
    };
  }

  private static String example(
      IoiTemplate template, IoiForm form, String io, String subject1, String subject2) {
    return new IoiPrompt(template, form, io, subject1, subject2, "PLACE", "OBJECT").text();
  }

  /**
   * Draws prompts of a template in this form.
   *
   * @param vocabulary with the template among its own
   * @throws IllegalArgumentException if the count is not positive, or there are too few names
   */
  public IoiDataset draw(IoiVocabulary vocabulary, IoiTemplate template, int count, long seed) {
    IoiForm form = this == ABB ? IoiForm.ABBA : IoiForm.BABA;
    IoiDataset drawn =
        IoiDataset.of(
            vocabulary,
            IoiPrompts.draw(
                vocabulary.words().withTemplates(List.of(template)), form, count, seed));
    return this == ABC ? drawn.flipped(IoiFlip.ABC, seed) : drawn;
  }
}
