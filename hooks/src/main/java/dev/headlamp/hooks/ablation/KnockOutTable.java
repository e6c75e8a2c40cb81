package dev.headlamp.hooks.ablation;

import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What ablations changed: a row for each target, a column for each quantity, in each cell a number
 * for each prompt. Immutable. Rows that were not computed are absent, and rank last.
 */
public final class KnockOutTable {

  private static final String NAME = "knock-out";

  /**
   * One target and what its ablation changed.
   *
   * @param target what was ablated
   * @param means for each column the mean over the prompts
   */
  public record Row(AblationTarget target, List<Double> means) {

    /** Copies the list. */
    public Row {
      means = List.copyOf(means);
    }
  }

  private final List<AblationTarget> targets;
  private final List<KnockOutColumn> columns;
  private final int prompts;
  private final Axis targetAxis;
  private final Axis quantityAxis;

  /** {@code [target][column][prompt]}, of the first targets; the rest was not computed. */
  private final List<double[][]> effects;

  private KnockOutTable(
      List<AblationTarget> targets,
      List<KnockOutColumn> columns,
      int prompts,
      List<double[][]> effects) {
    this.targets = List.copyOf(targets);
    this.columns = List.copyOf(columns);
    this.prompts = prompts;
    this.effects = List.copyOf(effects);
    this.targetAxis = new Axis("target", targets.stream().map(AblationTarget::label).toList());
    this.quantityAxis = new Axis("quantity", columns.stream().map(KnockOutColumn::label).toList());
  }

  /**
   * Returns a table of which nothing is computed.
   *
   * @throws IllegalArgumentException if there are no targets or columns, or two have one label
   */
  static KnockOutTable empty(
      List<AblationTarget> targets, List<KnockOutColumn> columns, int prompts) {
    return new KnockOutTable(targets, columns, prompts, List.of());
  }

  /**
   * Returns this table with its first rows computed.
   *
   * @param effects {@code [target][column][prompt]}
   */
  KnockOutTable with(List<double[][]> effects) {
    return new KnockOutTable(targets, columns, prompts, effects);
  }

  /** Returns the targets, in the order of the rows. */
  public List<AblationTarget> targets() {
    return targets;
  }

  /** Returns the columns. */
  public List<KnockOutColumn> columns() {
    return columns;
  }

  /** Returns the rows that were computed. */
  public List<Row> rows() {
    return IntStream.range(0, effects.size())
        .mapToObj(row -> new Row(targets.get(row), means(row)))
        .toList();
  }

  private List<Double> means(int row) {
    return IntStream.range(0, columns.size())
        .mapToObj(column -> Arrays.stream(effects.get(row)[column]).average().orElseThrow())
        .toList();
  }

  /**
   * Returns this table with the rows whose mean in the first column lies farthest from 0 first:
   * ranked by KL divergence, if that is the first column.
   */
  public KnockOutTable ranked() {
    int[] order =
        IntStream.range(0, effects.size())
            .boxed()
            .sorted(Comparator.comparingDouble(row -> -Math.abs(means(row).get(0))))
            .mapToInt(Integer::intValue)
            .toArray();
    List<AblationTarget> ranked = new ArrayList<>();
    List<double[][]> rankedEffects = new ArrayList<>();
    for (int row : order) {
      ranked.add(targets.get(row));
      rankedEffects.add(effects.get(row));
    }
    ranked.addAll(targets.subList(effects.size(), targets.size()));
    return new KnockOutTable(ranked, columns, prompts, rankedEffects);
  }

  /** Returns the mean over the prompts of every cell: {@code [target, quantity]}. */
  public LabelledArray means() {
    double[] values =
        IntStream.range(0, targets.size())
            .boxed()
            .flatMapToDouble(
                row ->
                    row < effects.size()
                        ? means(row).stream().mapToDouble(Double::doubleValue)
                        : columns.stream().mapToDouble(column -> LabelledArray.ABSENT))
            .toArray();
    return LabelledArray.of(
        NAME, "mean over the prompts", List.of(targetAxis, quantityAxis), values);
  }

  /**
   * Returns one column for each prompt: {@code [target, prompt]}.
   *
   * @throws IllegalArgumentException if there is no column with this label
   */
  public LabelledArray perPrompt(String label) {
    int column = quantityAxis.indexOf(label);
    double[] values = new double[targets.size() * prompts];
    Arrays.fill(values, LabelledArray.ABSENT);
    for (int row = 0; row < effects.size(); row++) {
      System.arraycopy(effects.get(row)[column], 0, values, row * prompts, prompts);
    }
    return LabelledArray.of(
        NAME, label, List.of(targetAxis, Axis.numbered("prompt", prompts)), values);
  }
}
