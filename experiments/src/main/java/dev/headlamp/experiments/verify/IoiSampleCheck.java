package dev.headlamp.experiments.verify;

import dev.headlamp.experiments.ioi.IoiDataset;
import dev.headlamp.experiments.ioi.IoiVocabulary;
import dev.headlamp.experiments.ioi.IoiWords;
import dev.headlamp.experiments.ioi.scores.IoiQuantity;
import dev.headlamp.experiments.ioi.scores.IoiScores;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.SweepMonitor;
import dev.headlamp.tokenizer.Bos;
import java.util.List;

/**
 * Statistics of a sample of IOI prompts: all templates, both orders of the names, the same sample
 * every time.
 *
 * @param count how many prompts
 * @param mean the mean logit difference
 * @param right the share of prompts whose logit difference is above zero
 * @param probability the mean probability of the indirect object
 */
record IoiSampleCheck(
    int count, Bos bos, Expectation mean, Expectation right, Expectation probability)
    implements Check {

  private static final int BATCH = 50;
  private static final long SEED = 1;

  @Override
  public String title() {
    return "%d IOI prompts".formatted(count);
  }

  @Override
  public List<Finding> measure(HookedGpt2 model) {
    IoiWords words = IoiWords.published();
    IoiVocabulary vocabulary =
        IoiVocabulary.of(words.without(words.unknownTo(model.tokenizer())), model.tokenizer(), bos);
    IoiScores scores =
        IoiScores.measure(
            model, IoiDataset.draw(vocabulary, count, SEED), BATCH, SweepMonitor.NONE);
    String of = " of a sample of %d IOI prompts".formatted(count);
    return List.of(
        new Finding.Measured(
            "mean logit difference" + of, mean, scores.mean(IoiQuantity.LOGIT_DIFFERENCE)),
        new Finding.Measured("share above zero" + of, right, scores.mean(IoiQuantity.IO_ABOVE_S)),
        new Finding.Measured(
            "mean probability of the indirect object" + of,
            probability,
            scores.mean(IoiQuantity.IO_PROBABILITY)));
  }
}
