package dev.headlamp.experiments.ioi.log;

import dev.headlamp.experiments.ioi.IoiDataset;
import dev.headlamp.experiments.ioi.IoiFlip;
import dev.headlamp.experiments.ioi.IoiForm;
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
