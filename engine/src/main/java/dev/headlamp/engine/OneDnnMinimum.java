package dev.headlamp.engine;

import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.binary;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.javacpp.Pointer;

/**
 * The smaller of a number and its limit, compiled by oneDNN. Belongs to one thread. NaN becomes the
 * limit, for the processor's minimum of a NaN and another number is the second of them.
 */
final class OneDnnMinimum {

  /**
   * What it is compiled for: numbers {@code [group, row, length]} and limits {@code [group,
   * length]}.
   */
  record Key(long groups, long rows, long length) {}

  private final binary function;
  private final memory x;
  private final memory limits;
  private final IntMemoryMap arguments = new IntMemoryMap();

  private OneDnnMinimum(memory.desc numbers, memory.desc ofGroups) {
    try (binary.desc description =
            new binary.desc(dnnl.dnnl_binary_min, numbers, ofGroups, numbers);
        binary.primitive_desc primitive =
            new binary.primitive_desc(description, OneDnn.Library.ENGINE)) {
      this.function = new binary(primitive);
    }
    this.x = new memory(numbers, OneDnn.Library.ENGINE, null);
    this.limits = new memory(ofGroups, OneDnn.Library.ENGINE, null);
    arguments.put(dnnl.DNNL_ARG_SRC_0, x);
    arguments.put(dnnl.DNNL_ARG_SRC_1, limits);
    arguments.put(dnnl.DNNL_ARG_DST, x);
  }

  static OneDnnMinimum of(Key key) {
    try (memory.desc numbers = desc(key.groups(), key.rows(), key.length());
        memory.desc ofGroups = desc(key.groups(), 1, key.length())) {
      return new OneDnnMinimum(numbers, ofGroups);
    }
  }

  private static memory.desc desc(long groups, long rows, long length) {
    return new memory.desc(
        new long[] {groups, rows, length}, memory.data_type.f32, memory.format_tag.abc);
  }

  /** Replaces what is at {@code xAt}. */
  void execute(Pointer xAt, Pointer limitsAt) {
    x.set_data_handle(xAt);
    limits.set_data_handle(limitsAt);
    function.execute(OneDnn.Library.STREAM, arguments);
  }
}
