package dev.headlamp.experiments.circuit.behaviour;

import dev.headlamp.engine.LogitSelection;
import dev.headlamp.engine.RunResult;
import dev.headlamp.engine.RunSpec;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.experiments.circuit.IoiTask;
import dev.headlamp.experiments.circuit.ResultTable;
import dev.headlamp.experiments.ioi.IoiDataset;
import dev.headlamp.experiments.ioi.IoiPrompt;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.hooks.NextToken;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.List;
import java.util.stream.IntStream;

/**
 * IOI with a sentence between the two clauses that says one of the names once more (Wang et al.
 * 2022, section 4.4): said of IO it makes IO, too, a name said twice, which misleads gpt2; said of
 * S it does not. The sentences are the paper's. Only templates with a full stop before S2 can take
 * one.
 *
 * @param table by kind of sentence the mean logit difference, the probability of IO and the share
 *     of prompts in which S is likelier, each with every sentence: {@code [row, quantity]}
 * @param prompts how many prompts could take a sentence
 */
public record AdversarialPrompts(LabelledArray table, int prompts) {

  private static final List<String> SENTENCES =
      List.of(
          "had a good day.",
          "was enjoying the situation.",
          "was tired.",
          "enjoyed being with a friend.",
          "was an enthusiast person.");

  private static final String STOP = ". ";

  /**
   * Measures the prompts of a task with and without a sentence.
   *
   * @throws IllegalArgumentException if no prompt can take one, or one gets too long for the model
   */
  public static AdversarialPrompts of(IoiTask task) {
    IoiDataset ioi = task.ioi();
    int[] able =
        IntStream.range(0, ioi.size())
            .filter(prompt -> ioi.prompts().get(prompt).text().contains(seam(ioi, prompt)))
            .toArray();
    if (able.length == 0) {
      throw new IllegalArgumentException(
          "no prompt has a full stop before S2 to put a sentence at");
    }
    IoiDataset usable = ioi.select(able);
    HookedGpt2 model = task.model();
    ResultTable table =
        ResultTable.of(
            "adversarial prompts",
            "logits; probability; %",
            "logit difference",
            "p(IO)",
            "S above IO, %");
    add(
        table,
        model,
        usable,
        "no sentence",
        usable.prompts().stream().map(IoiPrompt::text).toList());
    add(table, model, usable, "sentence on S", withSentences(usable, false));
    add(table, model, usable, "sentence on IO", withSentences(usable, true));
    return new AdversarialPrompts(table.toArray(), able.length);
  }

  private static String seam(IoiDataset ioi, int prompt) {
    return STOP + ioi.prompts().get(prompt).subject2() + " ";
  }

  private static List<String> withSentences(IoiDataset ioi, boolean onIo) {
    return IntStream.range(0, ioi.size())
        .mapToObj(
            i -> {
              IoiPrompt prompt = ioi.prompts().get(i);
              String name = onIo ? prompt.indirectObject() : prompt.subject1();
              String sentence = STOP + name + " " + SENTENCES.get(i % SENTENCES.size());
              int at = prompt.text().indexOf(seam(ioi, i));
              return prompt.text().substring(0, at)
                  + sentence
                  + prompt.text().substring(at + STOP.length() - 1);
            })
        .toList();
  }

  private static void add(
      ResultTable table, HookedGpt2 model, IoiDataset ioi, String row, List<String> texts) {
    TokenBatch tokens = model.toTokens(texts, ioi.bos());
    RunSpec spec = RunSpec.of(tokens).withLogits(LogitSelection.last());
    double difference = 0;
    double probability = 0;
    double wrong = 0;
    try (RunResult run = model.run(spec, model.newHooks())) {
      for (int i = 0; i < texts.size(); i++) {
        NextToken next = NextToken.of(run.logits(), i, 0);
        double own = next.logit(ioi.answers()[i]) - next.logit(ioi.wrong()[i]);
        difference += own / texts.size();
        probability += next.probability(ioi.answers()[i]) / texts.size();
        wrong += own < 0 ? 100.0 / texts.size() : 0;
      }
    }
    table.add(row, difference, probability, wrong);
  }
}
