package dev.headlamp.experiments.circuit.behaviour;

import dev.headlamp.engine.TokenBatch;
import dev.headlamp.experiments.circuit.AblatedRuns;
import dev.headlamp.experiments.circuit.CircuitNode;
import dev.headlamp.experiments.circuit.IoiTask;
import dev.headlamp.experiments.circuit.ResultTable;
import dev.headlamp.experiments.ioi.IoiDataset;
import dev.headlamp.hooks.report.LabelledArray;
import dev.headlamp.tokenizer.Bos;
import dev.headlamp.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Whether S-inhibition heads tell the name movers where the subject stands, or only where it stands
 * beside the indirect object (Wang et al. 2022): their outputs are replaced by those for the same
 * prompts behind a longer prefix, in which everything stands later and nothing has changed places.
 * As in the paper's code, the prefix ends with the end-of-text token. Its sentences name nobody; of
 * a model with few positions only their beginning is used.
 *
 * @param tokens how many tokens were put in front
 * @param table the mean logit difference: {@code [row, quantity]}
 */
public record LongerPrefix(int tokens, LabelledArray table) {

  private static final String PREFIX =
      "The weather had been fine all week. There was a light wind from the west, and the streets"
          + " were quiet. In the morning the shops had opened late. Nobody was in a hurry. It was a"
          + " good day to be outside.";

  /**
   * Measures what heads say of prompts behind a prefix.
   *
   * @throws IllegalArgumentException if the model has no position left for a prefix
   */
  public static LongerPrefix of(AblatedRuns runs, List<CircuitNode> nodes) {
    IoiTask task = runs.task();
    int[] prefix = prefix(task);
    TokenBatch longer = longer(task.ioi(), prefix);
    return new LongerPrefix(
        prefix.length,
        ResultTable.of("longer prefix", "mean logit difference", "F")
            .add("S-inhibition heads as they are", runs.original())
            .add(
                "S-inhibition heads from a longer prefix",
                runs.withOutputsFor(nodes, longer, prefix.length))
            .toArray());
  }

  private static int[] prefix(IoiTask task) {
    Tokenizer tokenizer = task.model().tokenizer();
    int[] sentences = tokenizer.toTokens(PREFIX, Bos.NONE);
    int room = task.model().config().nCtx() - task.prompts().length();
    if (room < 2) {
      throw new IllegalArgumentException(
          "there is no room for a longer prefix: the longest prompt has %d tokens, %s has %d positions"
              .formatted(
                  task.prompts().length(),
                  task.model().config().name(),
                  task.model().config().nCtx()));
    }
    int[] prefix = Arrays.copyOf(sentences, Math.min(sentences.length + 1, room));
    prefix[prefix.length - 1] = tokenizer.bosId();
    return prefix;
  }

  private static TokenBatch longer(IoiDataset ioi, int[] prefix) {
    return TokenBatch.of(
        ioi.prompts().stream()
            .map(ioi.vocabulary()::tokens)
            .map(own -> behind(prefix, own, ioi.bos() == Bos.PREPEND ? 1 : 0))
            .toArray(int[][]::new));
  }

  /** Returns a prompt's own first tokens, the prefix, and the rest of the prompt. */
  private static int[] behind(int[] prefix, int[] own, int first) {
    return IntStream.concat(
            IntStream.concat(Arrays.stream(own, 0, first), Arrays.stream(prefix)),
            Arrays.stream(own, first, own.length))
        .toArray();
  }
}
