package dev.headlamp.hooks.gradients;

import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.hooks.PatchAxis;
import dev.headlamp.hooks.PatchSweep;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What {@link IntegratedGradients} credits the entries of one point with: each with its share of
 * the change of the mean metric. Immutable.
 */
public final class PathAttribution {

  /** The mean metric at both ends of the path. */
  record Ends(double start, double end) {}

  private final HookPoint point;
  private final Quadrature rule;
  private final String direction;
  private final String metric;
  private final Gpt2Config config;
  private final List<String> positionLabels;
  private final Ends ends;
  private final long[] shape;
  private final double[] values;

  PathAttribution(
      HookPoint point,
      Quadrature rule,
      PatchedPrompts prompts,
      Ends ends,
      long[] shape,
      double[] values) {
    this.point = point;
    this.rule = rule;
    this.direction = prompts.direction().label();
    this.metric = prompts.metric().name();
    this.config = prompts.config();
    this.positionLabels = prompts.positionLabels();
    this.ends = ends;
    this.shape = shape;
    this.values = values;
  }

  /** Returns the point whose value was moved. */
  public HookPoint point() {
    return point;
  }

  /** Returns the rule of integration. */
  public Quadrature rule() {
    return rule;
  }

  /** Returns the mean metric where the path starts: of the target run. */
  public double start() {
    return ends.start();
  }

  /** Returns the mean metric where the path ends, with the source run's value at the point. */
  public double end() {
    return ends.end();
  }

  /** Returns a copy of the credits: an entry for each of the point's, in C order of its axes. */
  public double[] values() {
    return values.clone();
  }

  /** Returns the sum of all credits. */
  public double sum() {
    return Arrays.stream(values).sum();
  }

  /** Returns how far the sum of the credits is from the change of the metric. */
  public double completenessError() {
    return Math.abs(sum() - (end() - start()));
  }

  /**
   * Returns the credits added up over all axes but some, the prompts among them.
   *
   * @param axes the axes of the result, outermost first; not the layer, of which there is one
   * @throws IllegalArgumentException if the point has not these axes, or none is named
   */
  public LabelledArray by(PatchAxis... axes) {
    boolean perLayer = point.activation().perLayer();
    List<PatchAxis> kept = new ArrayList<>(perLayer ? List.of(PatchAxis.LAYER) : List.of());
    kept.addAll(List.of(axes));
    if (axes.length == 0) {
      throw new IllegalArgumentException("name at least one axis; sum() adds up over all of them");
    }
    PatchSweep sweep = new PatchSweep(point.activation(), kept);
    AxisSums sums = new AxisSums(kept, sweep.resultAxes(config, positionLabels));
    sums.add(point, shape, values);
    String names = String.join(", ", Arrays.stream(axes).map(PatchAxis::label).toList());
    LabelledArray result =
        sums.result(
            "integrated gradients, %s: %s by %s".formatted(direction, point, names),
            "change of the " + metric);
    return perLayer ? result.slice(PatchAxis.LAYER.label(), point.layer()) : result;
  }

  /** Returns the point, the rule, both ends and the completeness error as lines of text. */
  public String text() {
    return String.format(
        Locale.ROOT,
        """
        integrated gradients of the %s at %s, %s, %d %s steps
        %.6f to %.6f: change %.6f, credited %.6f, completeness error %.1e
        """,
        metric,
        point,
        direction,
        rule.steps(),
        rule.name(),
        start(),
        end(),
        end() - start(),
        sum(),
        completenessError());
  }
}
