package dev.headlamp.experiments.enumeration.tables;

import dev.headlamp.experiments.enumeration.Enumeration;
import dev.headlamp.experiments.enumeration.Factor;
import dev.headlamp.experiments.enumeration.Slice;
import java.util.ArrayList;
import java.util.List;

/** Finds on whom a model fails, as the post does: slice, and slice again. */
public final class WorstSlices {

  private WorstSlices() {}

  /**
   * Returns the slice of the subject with the lowest mean, and within it that of the indirect
   * object with the lowest mean. For GPT-2 small these are Lisa, and Katie.
   */
  public static List<Slice> of(Enumeration enumeration) {
    List<Slice> slices = new ArrayList<>();
    Slice slice = Slice.all();
    for (Factor factor : List.of(Factor.SUBJECT, Factor.INDIRECT_OBJECT)) {
      List<ConditionalMean> lowest =
          ConditionalMeans.of(enumeration, slice).lowest(factor).stream().toList();
      for (ConditionalMean worst : lowest) {
        slice = slice.with(factor, worst.index());
        slices.add(slice);
      }
    }
    return List.copyOf(slices);
  }
}
