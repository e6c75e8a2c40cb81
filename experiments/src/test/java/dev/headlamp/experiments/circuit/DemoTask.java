package dev.headlamp.experiments.circuit;

import dev.headlamp.experiments.ioi.IoiDataset;
import dev.headlamp.experiments.ioi.IoiVocabulary;
import dev.headlamp.experiments.ioi.IoiWords;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.hooks.HookedGpt2;
import java.io.IOException;
import java.io.UncheckedIOException;

/** The IOI task on the demo model. */
public final class DemoTask {

  private DemoTask() {}

  /** Returns the demo model, owned by the caller. */
  public static HookedGpt2 model() {
    try {
      return HookedGpt2.load(Fixtures.model("ioi-demo"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns a small task. */
  public static IoiTask of(HookedGpt2 model, int prompts) {
    IoiVocabulary vocabulary = IoiVocabulary.of(IoiWords.published(), model.tokenizer());
    return IoiTask.of(model, IoiDataset.draw(vocabulary, prompts, 1), 2);
  }
}
