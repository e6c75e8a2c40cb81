package dev.headlamp.experiments.circuit.behaviour;

import dev.headlamp.engine.Activation;
import dev.headlamp.experiments.circuit.CircuitNode;
import dev.headlamp.experiments.circuit.Head;
import dev.headlamp.experiments.circuit.IoiTask;
import dev.headlamp.experiments.circuit.ResultTable;
import dev.headlamp.experiments.ioi.IoiPosition;
import dev.headlamp.hooks.ActivationCache;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.CachedRun;
import dev.headlamp.hooks.Positions;
import dev.headlamp.hooks.heads.AttentionBetween;
import dev.headlamp.hooks.lens.LogitTarget;
import dev.headlamp.hooks.lens.ResidualStream;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How much heads attend from END to the names, and whether those that attend more write more (Wang
 * et al. 2022, section 3.1, figure 3c): the correlation over prompts and names of the attention to
 * a name and the head's part of that name's logit. The last layer norm is taken as it was in the
 * run.
 *
 * @param rows what was measured of each head
 */
public record NameAttention(List<Row> rows) {

  /**
   * One head.
   *
   * @param head the head
   * @param toIo mean attention from END to IO
   * @param toS1 mean attention from END to S1
   * @param toS2 mean attention from END to S2
   * @param logitDifference the head's part of logit[IO] − logit[S]
   * @param correlation of attention and logit, over IO and S of all prompts; NaN if one of them
   *     does not vary
   */
  public record Row(
      Head head,
      double toIo,
      double toS1,
      double toS2,
      double logitDifference,
      double correlation) {}

  /** Copies the list. */
  public NameAttention {
    rows = List.copyOf(rows);
  }

  /** Measures some heads. */
  public static NameAttention of(IoiTask task, List<CircuitNode> nodes) {
    CacheSpec spec = CacheSpec.of(Activation.PATTERN, Activation.Z, Activation.LN_FINAL_SCALE);
    try (CachedRun run = task.model().runWithCache(task.prompts(), spec)) {
      Measurement measurement = new Measurement(task, run.cache());
      return new NameAttention(
          nodes.stream().map(CircuitNode::head).distinct().map(measurement::row).toList());
    }
  }

  private static final class Measurement {
    private final LabelledArray toIo;
    private final LabelledArray toS1;
    private final LabelledArray toS2;
    private final LabelledArray ioLogit;
    private final LabelledArray subjectLogit;
    private final int prompts;

    Measurement(IoiTask task, ActivationCache cache) {
      this.toIo = attention(task, cache, IoiPosition.IO);
      this.toS1 = attention(task, cache, IoiPosition.S1);
      this.toS2 = attention(task, cache, IoiPosition.S2);
      this.ioLogit = logits(task, cache, task.ioi().answers());
      this.subjectLogit = logits(task, cache, task.ioi().wrong());
      this.prompts = task.ioi().size();
    }

    private static LabelledArray attention(IoiTask task, ActivationCache cache, IoiPosition to) {
      return AttentionBetween.of(
          cache, task.ioi().positions(IoiPosition.END), task.ioi().positions(to));
    }

    private static LabelledArray logits(IoiTask task, ActivationCache cache, int[] ids) {
      return ResidualStream.of(task.model(), cache)
          .at(Positions.last())
          .heads()
          .attribution(LogitTarget.logit(ids))
          .perPrompt();
    }

    Row row(Head head) {
      List<Double> attention = new ArrayList<>();
      List<Double> logit = new ArrayList<>();
      String component = "L" + head.layer() + "H" + head.index();
      double difference = 0;
      int row = ioLogit.axis("component").indexOf(component);
      for (int prompt = 0; prompt < prompts; prompt++) {
        double io = ioLogit.value(row, prompt, 0);
        double subject = subjectLogit.value(row, prompt, 0);
        attention.add(of(toIo, head, prompt));
        logit.add(io);
        attention.add(of(toS1, head, prompt) + of(toS2, head, prompt));
        logit.add(subject);
        difference += (io - subject) / prompts;
      }
      return new Row(
          head,
          mean(toIo, head),
          mean(toS1, head),
          mean(toS2, head),
          difference,
          correlation(attention, logit));
    }

    private double mean(LabelledArray attention, Head head) {
      return IntStream.range(0, prompts).mapToDouble(i -> of(attention, head, i)).sum() / prompts;
    }

    private static double of(LabelledArray attention, Head head, int prompt) {
      return attention.value(head.layer(), head.index(), prompt);
    }
  }

  /** Returns Pearson's correlation; NaN if one of the two does not vary. */
  static double correlation(List<Double> xs, List<Double> ys) {
    double[] x = centred(xs);
    double[] y = centred(ys);
    return product(x, y) / Math.sqrt(product(x, x) * product(y, y));
  }

  private static double[] centred(List<Double> values) {
    double mean = values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    return values.stream().mapToDouble(value -> value - mean).toArray();
  }

  private static double product(double[] x, double[] y) {
    return IntStream.range(0, x.length).mapToDouble(i -> x[i] * y[i]).sum();
  }

  /** Returns the rows as a table: {@code [row, quantity]}. */
  public LabelledArray table() {
    ResultTable table =
        ResultTable.of(
            "attention from END",
            "attention; logits; correlation",
            "to IO",
            "to S1",
            "to S2",
            "logit difference",
            "correlation");
    rows.forEach(
        row ->
            table.add(
                row.head().toString(),
                row.toIo(),
                row.toS1(),
                row.toS2(),
                row.logitDifference(),
                row.correlation()));
    return table.toArray();
  }
}
