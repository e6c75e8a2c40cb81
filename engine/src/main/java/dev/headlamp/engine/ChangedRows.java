package dev.headlamp.engine;

import java.util.ArrayList;
import java.util.List;

/** Rows at which one variant differs from the base run, all at the place where it begins to. */
final class ChangedRows {

  private final StartPlace place;
  private final int width;
  private final List<Instance> instances = new ArrayList<>();
  private final List<float[]> rows = new ArrayList<>();

  ChangedRows(StartPlace place, int width) {
    this.place = place;
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

  StartPlace place() {
    return place;
  }

  int width() {
    return width;
  }

  /** Returns at which positions of which prompts; of variant 0. */
  List<Instance> instances() {
    return instances;
  }

  /** Returns the values of each row. */
  List<float[]> rows() {
    return rows;
  }
}
