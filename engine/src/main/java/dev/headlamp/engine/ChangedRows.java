package dev.headlamp.engine;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Rows at which variants of a base run differ from it, all at one stage of one block, waiting to be
 * run together.
 */
final class ChangedRows {

  /** What the rows hold; in the order in which a block comes to them. */
  enum Stage {
    /** The residual stream entering the block. */
    RESID_PRE,
    /** z of the block. */
    Z,
    /** The residual stream between attention and MLP. */
    RESID_MID
  }

  private final Stage stage;
  private final int layer;
  private final int width;
  private final List<Instance> instances = new ArrayList<>();
  private final List<float[]> rows = new ArrayList<>();

  ChangedRows(Stage stage, int layer, int width) {
    this.stage = stage;
    this.layer = layer;
    this.width = width;
  }

  /** Adds an instance whose rows follow by {@link #addRow}. */
  void add(Instance instance) {
    instances.add(instance);
  }

  /** Adds the values of the next row, which are not copied. */
  void addRow(float[] row) {
    rows.add(row);
  }

  /** Adds the instances and rows of another variant, of the same stage and layer. */
  void addAll(int variant, ChangedRows others) {
    for (Instance instance : others.instances) {
      instances.add(instance.of(variant));
    }
    rows.addAll(others.rows);
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

  /** Returns whether a run comes to these earlier than to others. */
  boolean before(ChangedRows others) {
    return layer != others.layer ? layer < others.layer : stage.compareTo(others.stage) < 0;
  }

  /** Returns whether they can be run as the same rows. */
  boolean joins(ChangedRows others) {
    return layer == others.layer && stage == others.stage;
  }

  List<Instance> instances() {
    return instances;
  }

  /** Returns the values of each row. */
  List<float[]> rows() {
    return rows;
  }

  /** Writes the rows one behind the other. */
  void copyTo(FloatBuffer to) {
    int at = to.position();
    for (float[] row : rows) {
      to.put(at, row);
      at += width;
    }
  }
}
