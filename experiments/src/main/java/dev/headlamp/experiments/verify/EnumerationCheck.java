package dev.headlamp.experiments.verify;

import dev.headlamp.experiments.enumeration.Enumeration;
import dev.headlamp.experiments.enumeration.EnumerationHeader;
import dev.headlamp.experiments.enumeration.ModelHash;
import dev.headlamp.experiments.enumeration.PromptSpace;
import dev.headlamp.experiments.enumeration.Slice;
import dev.headlamp.experiments.enumeration.StoredEnumeration;
import dev.headlamp.experiments.enumeration.tables.Statistics;
import dev.headlamp.experiments.verify.Expectation.Near;
import dev.headlamp.hooks.HookedGpt2;
import dev.headlamp.tokenizer.Bos;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Figures of every IOI prompt there is: 15 templates, 8 places, 8 objects, 99 · 98 pairs of names.
 * Too long for a check, GPT-2 small alone takes some 3·10¹⁶ operations, so it reads a file in which
 * they were computed before.
 */
record EnumerationCheck(
    Near mean,
    Near deviation,
    Near belowZero,
    List<SliceFigure> slices,
    Optional<StoredEnumeration> stored)
    implements Check {

  private static final String MEAN = "mean logit difference of all IOI prompts";
  private static final String DEVIATION = "standard deviation of these logit differences";
  private static final String BELOW_ZERO = "prompts with a logit difference below zero";

  private static final String REASON = "give --enumeration FILE made by `headlamp ioi enumerate`";

  EnumerationCheck with(StoredEnumeration enumeration) {
    return new EnumerationCheck(mean, deviation, belowZero, slices, Optional.of(enumeration));
  }

  @Override
  public String title() {
    return "enumeration of all IOI prompts";
  }

  @Override
  public List<Finding> measure(HookedGpt2 model) {
    if (stored.isEmpty()) {
      return with(
          slice -> new Finding.NotRun(title(slice), slice.expected(), REASON),
          new Finding.NotRun(MEAN, mean, REASON),
          new Finding.NotRun(DEVIATION, deviation, REASON),
          new Finding.NotRun(BELOW_ZERO, belowZero, REASON));
    }
    Enumeration rows = stored.get().rows();
    Statistics statistics = Statistics.of(rows, Slice.all());
    checkIsOf(model, stored.get().header(), statistics.count());
    return with(
        slice -> new Finding.Measured(title(slice), slice.expected(), slice.measured(rows)),
        new Finding.Measured(MEAN, mean, statistics.mean()),
        new Finding.Measured(DEVIATION, deviation, statistics.deviation()),
        new Finding.Measured(BELOW_ZERO, belowZero, statistics.belowZero()));
  }

  private List<Finding> with(Function<SliceFigure, Finding> ofSlice, Finding... ofAll) {
    return Stream.concat(Stream.of(ofAll), slices.stream().map(ofSlice)).toList();
  }

  private static String title(SliceFigure slice) {
    return slice.quantity() + " logit difference of " + slice.prompts();
  }

  private static void checkIsOf(HookedGpt2 model, EnumerationHeader header, long rows) {
    if (!header.weights().equals(ModelHash.of(model.engine()))) {
      throw new IllegalArgumentException(
          "the file given as --enumeration is of a model with other weights, then called "
              + header.model());
    }
    if (!header.space().equals(PromptSpace.standard()) || header.bos() != Bos.PREPEND) {
      throw new IllegalArgumentException(
          "the file given as --enumeration is of other prompts: the published figures are of all"
              + " names, places and objects, with BOS");
    }
    if (rows < header.space().rows()) {
      throw new IllegalArgumentException(
          "the file given as --enumeration has %d of %d rows"
              .formatted(rows, header.space().rows()));
    }
  }
}
