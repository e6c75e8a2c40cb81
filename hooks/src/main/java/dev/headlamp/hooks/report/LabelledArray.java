package dev.headlamp.hooks.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A result: numbers whose axes and indices have names. Immutable, and a value: two are equal when
 * name, unit, axes and every number are.
 *
 * <p>Values are held in C order (the last axis moves fastest). A value that was not computed, as
 * when a sweep was cancelled half-way, is {@link #ABSENT}.
 */
public final class LabelledArray {

  /** Stands where a value was not computed. It is a NaN, and every NaN counts as absent. */
  public static final double ABSENT = Double.NaN;

  private final String name;
  private final String unit;
  private final List<Axis> axes;
  private final double[] values;

  private LabelledArray(String name, String unit, List<Axis> axes, double[] values) {
    this.name = Objects.requireNonNull(name, "name");
    this.unit = Objects.requireNonNull(unit, "unit");
    this.axes = List.copyOf(axes);
    this.values = values;
    refuseRepeatedAxes(name, this.axes);
    long size = this.axes.stream().mapToLong(Axis::length).reduce(1, Math::multiplyExact);
    if (values.length != size) {
      throw new IllegalArgumentException(
          "'%s' has %d values, but its shape %s holds %d"
              .formatted(name, values.length, Arrays.toString(shape()), size));
    }
  }

  /**
   * Returns a result that holds a copy of {@code values}.
   *
   * @param name what was measured, such as {@code "patching attention heads"}
   * @param unit what a value of 1 means, such as {@code "fraction of logit difference restored"}
   * @param axes the axes, outermost first, no two of one name; none for a single number
   * @param values one value for each combination of labels, in C order
   * @throws IllegalArgumentException if there are more or fewer values than the axes hold
   */
  public static LabelledArray of(String name, String unit, List<Axis> axes, double... values) {
    return new LabelledArray(name, unit, axes, values.clone());
  }

  /**
   * Returns a result that holds a copy of {@code values}, whose shape is the lengths of {@code
   * axes} in their order. The array stays the caller's.
   *
   * @throws IllegalArgumentException if the shapes differ
   */
  public static LabelledArray of(String name, String unit, List<Axis> axes, INDArray values) {
    long[] expected = axes.stream().mapToLong(Axis::length).toArray();
    if (!Arrays.equals(values.shape(), expected)) {
      throw new IllegalArgumentException(
          "'%s' was given an array of shape %s, but its axes have lengths %s"
              .formatted(name, Arrays.toString(values.shape()), Arrays.toString(expected)));
    }
    try (INDArray copy = values.dup('c')) {
      return new LabelledArray(name, unit, axes, copy.data().asDouble());
    }
  }

  /**
   * Returns results of one shape as one, stacked along a new first axis. Their other axes and their
   * unit are those of the first.
   *
   * @param name what was measured
   * @param first the new axis, with a label for each of {@code parts}
   * @throws IllegalArgumentException if the parts differ in shape, or the axis has another length
   */
  public static LabelledArray stack(String name, Axis first, List<LabelledArray> parts) {
    if (parts.isEmpty() || parts.size() != first.length()) {
      throw new IllegalArgumentException(
          "'%s' stacks %d results along an axis of length %d"
              .formatted(name, parts.size(), first.length()));
    }
    LabelledArray model = parts.get(0);
    for (LabelledArray part : parts) {
      if (!Arrays.equals(part.shape(), model.shape())) {
        throw new IllegalArgumentException(
            "'%s' stacks results of one shape: '%s' has %s and '%s' %s"
                .formatted(
                    name,
                    model.name,
                    Arrays.toString(model.shape()),
                    part.name,
                    Arrays.toString(part.shape())));
      }
    }
    List<Axis> axes = new ArrayList<>(List.of(first));
    axes.addAll(model.axes);
    double[] values = parts.stream().flatMapToDouble(LabelledArray::stream).toArray();
    return new LabelledArray(name, model.unit, axes, values);
  }

  /** Returns what was measured. */
  public String name() {
    return name;
  }

  /** Returns what a value of 1 means; empty if nothing was said. */
  public String unit() {
    return unit;
  }

  /** Returns the axes, outermost first. */
  public List<Axis> axes() {
    return axes;
  }

  /**
   * Returns the axis with this name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public Axis axis(String axisName) {
    return axes.get(axisIndex(axisName));
  }

  /** Returns the length of each axis, outermost first. The array is the caller's own. */
  public int[] shape() {
    return axes.stream().mapToInt(Axis::length).toArray();
  }

  /** Returns how many values there are, absent ones among them. */
  public int size() {
    return values.length;
  }

  /** Returns a copy of all values in C order. */
  public double[] values() {
    return values.clone();
  }

  /** Returns all values in C order. */
  public DoubleStream stream() {
    return Arrays.stream(values);
  }

  /**
   * Returns one value; {@link #ABSENT} if it was not computed.
   *
   * @param index one index for each axis, outermost first
   * @throws IllegalArgumentException if there are more or fewer indices than axes, or one is out of
   *     range
   */
  public double value(int... index) {
    if (index.length != axes.size()) {
      throw new IllegalArgumentException(
          "'%s' has %d axes, but the index %s names %d"
              .formatted(name, axes.size(), Arrays.toString(index), index.length));
    }
    int offset = 0;
    for (int i = 0; i < index.length; i++) {
      Axis axis = axes.get(i);
      offset = offset * axis.length() + axis.checked(index[i]);
    }
    return values[offset];
  }

  /** Returns whether the value at {@code index} was not computed; otherwise as {@link #value}. */
  public boolean isAbsent(int... index) {
    return Double.isNaN(value(index));
  }

  /**
   * Returns the part at one index of one axis, without that axis.
   *
   * @throws IllegalArgumentException if there is no such axis or index
   */
  public LabelledArray slice(String axisName, int index) {
    int at = axisIndex(axisName);
    Axis axis = axes.get(at);
    axis.checked(index);
    int inner = axes.stream().skip(at + 1L).mapToInt(Axis::length).reduce(1, (a, b) -> a * b);
    int outer = values.length / (inner * axis.length());
    double[] part = new double[outer * inner];
    for (int i = 0; i < outer; i++) {
      System.arraycopy(values, (i * axis.length() + index) * inner, part, i * inner, inner);
    }
    List<Axis> rest = new ArrayList<>(axes);
    rest.remove(at);
    return new LabelledArray(name, unit, rest, part);
  }

  /**
   * Returns the part at one label of one axis, without that axis.
   *
   * @throws IllegalArgumentException if there is no such axis or label
   */
  public LabelledArray slice(String axisName, String label) {
    return slice(axisName, axis(axisName).indexOf(label));
  }

  /**
   * Returns the mean along one axis, without that axis; {@link #ABSENT} where a value is.
   *
   * @throws IllegalArgumentException if there is no such axis
   */
  public LabelledArray meanOver(String axisName) {
    int length = axis(axisName).length();
    double[] sums = slice(axisName, 0).values;
    for (int i = 1; i < length; i++) {
      double[] next = slice(axisName, i).values;
      Arrays.setAll(sums, at -> sums[at] + next[at]);
    }
    List<Axis> rest = new ArrayList<>(axes);
    rest.remove(axisIndex(axisName));
    return new LabelledArray(
        name, unit, rest, Arrays.stream(sums).map(sum -> sum / length).toArray());
  }

  /** Returns the same numbers under another name. */
  public LabelledArray named(String newName) {
    return new LabelledArray(newName, unit, axes, values);
  }

  /** Returns the smallest value that was computed; empty if none was. */
  public OptionalDouble min() {
    return stream().filter(value -> !Double.isNaN(value)).min();
  }

  /** Returns the largest value that was computed; empty if none was. */
  public OptionalDouble max() {
    return stream().filter(value -> !Double.isNaN(value)).max();
  }

  /**
   * Returns the {@code n} values that lie farthest from 0, farthest first and equal ones in C
   * order; fewer if fewer were computed.
   *
   * @throws IllegalArgumentException if {@code n} is negative
   */
  public List<Cell> top(int n) {
    if (n < 0) {
      throw new IllegalArgumentException("cannot list the top " + n + " values; ask for 0 or more");
    }
    return IntStream.range(0, values.length)
        .filter(i -> !Double.isNaN(values[i]))
        .boxed()
        .sorted(Comparator.comparingDouble(i -> -Math.abs(values[i])))
        .limit(n)
        .map(i -> new Cell(labelsAt(i), values[i]))
        .toList();
  }

  /** Returns the labels of the value at {@code offset} in C order, outermost first. */
  List<String> labelsAt(int offset) {
    String[] labels = new String[axes.size()];
    int rest = offset;
    for (int i = axes.size() - 1; i >= 0; i--) {
      Axis axis = axes.get(i);
      labels[i] = axis.label(rest % axis.length());
      rest /= axis.length();
    }
    return List.of(labels);
  }

  private int axisIndex(String axisName) {
    for (int i = 0; i < axes.size(); i++) {
      if (axes.get(i).name().equals(axisName)) {
        return i;
      }
    }
    throw new IllegalArgumentException(
        "'%s' has no axis '%s': its axes are %s"
            .formatted(name, axisName, axes.stream().map(Axis::name).toList()));
  }

  private static void refuseRepeatedAxes(String name, List<Axis> axes) {
    Set<String> names = new HashSet<>();
    for (Axis axis : axes) {
      if (!names.add(axis.name())) {
        throw new IllegalArgumentException(
            "'" + name + "' has two axes named '" + axis.name() + "'; axis names must differ");
      }
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LabelledArray that
        && name.equals(that.name)
        && unit.equals(that.unit)
        && axes.equals(that.axes)
        && Arrays.equals(values, that.values);
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, unit, axes, Arrays.hashCode(values));
  }

  /** Returns the name and the axes with their lengths: {@code heads[layer=12, head=12]}. */
  @Override
  public String toString() {
    return name + axes.stream().map(axis -> axis.name() + "=" + axis.length()).toList();
  }

  /**
   * One value and where it stands.
   *
   * @param labels one label for each axis, outermost first
   * @param value the number
   */
  public record Cell(List<String> labels, double value) {

    /** Copies the labels. */
    public Cell {
      labels = List.copyOf(labels);
    }
  }
}
