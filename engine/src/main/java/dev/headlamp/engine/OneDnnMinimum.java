package dev.headlamp.engine;

import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.binary;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.javacpp.Pointer;

/**
 * The smaller of a number and its limit, for the scores of every head, compiled by oneDNN. Belongs
 * to one thread. NaN becomes the limit.
 */
final class OneDnnMinimum {

  /**
   * What it is compiled for.
   *
   * @param length of a head's scores
   * @param alike whether all prompts have the same limits; all heads of a prompt have
   */
  record Key(long prompts, long heads, long length, boolean alike) {}

  private final binary function;
  private final memory x;
  private final memory limits;
  private final IntMemoryMap arguments = new IntMemoryMap();

  private OneDnnMinimum(memory.desc scores, memory.desc ofPrompts) {
    try (binary.desc description =
            new binary.desc(dnnl.dnnl_binary_min, scores, ofPrompts, scores);
        binary.primitive_desc primitive =
            new binary.primitive_desc(description, OneDnn.Library.ENGINE)) {
      this.function = new binary(primitive);
    }
    this.x = new memory(scores, OneDnn.Library.ENGINE, null);
    this.limits = new memory(ofPrompts, OneDnn.Library.ENGINE, null);
    arguments.put(dnnl.DNNL_ARG_SRC_0, x);
    arguments.put(dnnl.DNNL_ARG_SRC_1, limits);
    arguments.put(dnnl.DNNL_ARG_DST, x);
  }

  static OneDnnMinimum of(Key key) {
    try (memory.desc scores = desc(key.prompts(), key.heads(), key.length());
        memory.desc ofPrompts = desc(key.alike() ? 1 : key.prompts(), 1, key.length())) {
      return new OneDnnMinimum(scores, ofPrompts);
    }
  }

  private static memory.desc desc(long prompts, long heads, long length) {
    return new memory.desc(
        new long[] {prompts, heads, length}, memory.data_type.f32, memory.format_tag.abc);
  }

  /** Replaces what is at {@code xAt}. */
  void execute(Pointer xAt, Pointer limitsAt) {
    x.set_data_handle(xAt);
    limits.set_data_handle(limitsAt);
    function.execute(OneDnn.Library.STREAM, arguments);
  }
}
