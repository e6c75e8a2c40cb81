package dev.headlamp.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Rows at which variants of a base run differ from it, all at one stage of one block, waiting to be
 * run together.
 */
final class ChangedRows {

  /** What the rows hold. */
  enum Stage {
    /** Nothing. */
    NONE,
    /** The residual stream entering the block. */
    RESID_PRE,
    /** z of the block. */
    Z,
    /** The residual stream between attention and MLP. */
    RESID_MID
  }

  /**
   * One prompt of one variant.
   *
   * @param variant which variant, counted from 0 within this
   * @param prompt which prompt
   * @param positions where it differs, ascending
   */
  record Instance(int variant, int prompt, List<Integer> positions) {
    int first() {
      return positions.get(0);
    }
  }

  private final Stage stage;
  private final int layer;
  private final int width;
  private final List<Instance> instances = new ArrayList<>();
  private float[] values = new float[0];
  private int rows;

  ChangedRows(Stage stage, int layer, int width) {
    this.stage = stage;
    this.layer = layer;
    this.width = width;
  }

  /** Returns nothing, at no layer. */
  static ChangedRows none() {
    return new ChangedRows(Stage.NONE, -1, 0);
  }

  /** Adds an instance whose rows follow by {@link #addRow}. */
  void add(Instance instance) {
    instances.add(instance);
  }

  /** Adds the values of the next row. */
  void addRow(float[] row, int at) {
    if ((rows + 1) * width > values.length) {
      values = Arrays.copyOf(values, Math.max(16 * width, 2 * values.length));
    }
    System.arraycopy(row, at, values, rows * width, width);
    rows++;
  }

  /** Adds the instances and rows of another variant, of the same stage and layer. */
  void addAll(int variant, ChangedRows others) {
    for (Instance instance : others.instances) {
      instances.add(new Instance(variant, instance.prompt(), instance.positions()));
    }
    for (int row = 0; row < others.rows; row++) {
      addRow(others.values, row * width);
    }
  }

  int width() {
    return width;
  }

  Stage stage() {
    return stage;
  }

  int layer() {
    return layer;
  }

  List<Instance> instances() {
    return instances;
  }

  int rows() {
    return rows;
  }

  /** Returns the rows one behind the other; there may be room for more behind them. */
  float[] values() {
    return values;
  }
}
