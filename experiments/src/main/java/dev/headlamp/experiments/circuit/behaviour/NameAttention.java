package dev.headlamp.experiments.circuit.behaviour;

import dev.headlamp.engine.Activation;
import dev.headlamp.experiments.circuit.Circuit;
import dev.headlamp.experiments.circuit.CircuitNode;
import dev.headlamp.experiments.circuit.Head;
import dev.headlamp.experiments.circuit.HeadClass;
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
import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.LabelledArray;
import dev.headlamp.hooks.report.plots.ScatterPlot;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;
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
   * @param attention to the names, {@code [prompt, name]}: IO, and S at both its places
   * @param logits the head's part of the names' logits, {@code [prompt, name]}
   */
  public record Row(
      Head head,
      double toIo,
      double toS1,
      double toS2,
      double logitDifference,
      LabelledArray attention,
      LabelledArray logits) {

    /** Returns the correlation of attention and logit; NaN if one of them does not vary. */
    public double correlation() {
      return NameAttention.correlation(attention.values(), logits.values());
    }

    /** Returns the paper's picture of it, of the first prompts if there are very many. */
    public ScatterPlot scatter() {
      return new ScatterPlot(
          "Head " + head + ": attention from END to a name, and what it writes of its logit",
          first(attention),
          first(logits));
    }

    private static LabelledArray first(LabelledArray all) {
      Axis prompts = all.axis("prompt");
      int shown = Math.min(MOST_SHOWN, prompts.length());
      return LabelledArray.of(
          all.name(),
          all.unit(),
          List.of(new Axis("prompt", prompts.labels().subList(0, shown)), NAMES),
          Arrays.copyOf(all.values(), shown * NAMES.length()));
    }
  }

  private static final Axis NAMES = Axis.of("name", "IO", "S");

  /** As many as in the paper. */
  private static final int MOST_SHOWN = 500;

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
      double[] attention = new double[2 * prompts];
      double[] logit = new double[2 * prompts];
      String component = "L" + head.layer() + "H" + head.index();
      double difference = 0;
      int row = ioLogit.axis("component").indexOf(component);
      for (int prompt = 0; prompt < prompts; prompt++) {
        double io = ioLogit.value(row, prompt, 0);
        double subject = subjectLogit.value(row, prompt, 0);
        attention[2 * prompt] = of(toIo, head, prompt);
        logit[2 * prompt] = io;
        attention[2 * prompt + 1] = of(toS1, head, prompt) + of(toS2, head, prompt);
        logit[2 * prompt + 1] = subject;
        difference += (io - subject) / prompts;
      }
      return new Row(
          head,
          mean(toIo, head),
          mean(toS1, head),
          mean(toS2, head),
          difference,
          perName("attention of " + head, "attention", attention),
          perName("logit by " + head, "logits", logit));
    }

    private LabelledArray perName(String name, String unit, double[] values) {
      return LabelledArray.of(name, unit, List.of(Axis.numbered("prompt", prompts), NAMES), values);
    }

    private double mean(LabelledArray attention, Head head) {
      return IntStream.range(0, prompts).mapToDouble(i -> of(attention, head, i)).sum() / prompts;
    }

    private static double of(LabelledArray attention, Head head, int prompt) {
      return attention.value(head.layer(), head.index(), prompt);
    }
  }

  /** Returns Pearson's correlation; NaN if one of the two does not vary. */
  static double correlation(double[] xs, double[] ys) {
    double[] x = centred(xs);
    double[] y = centred(ys);
    return product(x, y) / Math.sqrt(product(x, x) * product(y, y));
  }

  private static double[] centred(double[] values) {
    double mean = Arrays.stream(values).average().orElseThrow();
    return Arrays.stream(values).map(value -> value - mean).toArray();
  }

  private static double product(double[] x, double[] y) {
    return IntStream.range(0, x.length).mapToDouble(i -> x[i] * y[i]).sum();
  }

  /** Returns the head that attends to IO most. */
  public Row most() {
    return rows.stream().max(Comparator.comparingDouble(Row::toIo)).orElseThrow();
  }

  /** Returns the mean attention of each class at END: {@code [row, quantity]}. */
  public LabelledArray byClass(Circuit circuit) {
    ResultTable table =
        ResultTable.of("attention from END by class", "attention", "to IO", "to S1", "to S2");
    for (HeadClass heads : circuit.classes()) {
      List<Row> own = rows.stream().filter(row -> heads.heads().contains(row.head())).toList();
      if (heads.position() == IoiPosition.END) {
        table.add(
            heads.toString(), mean(own, Row::toIo), mean(own, Row::toS1), mean(own, Row::toS2));
      }
    }
    return table.toArray();
  }

  private static double mean(List<Row> rows, ToDoubleFunction<Row> quantity) {
    return rows.stream().mapToDouble(quantity).average().orElseThrow();
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
