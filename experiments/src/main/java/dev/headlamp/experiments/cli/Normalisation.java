package dev.headlamp.experiments.cli;

import dev.headlamp.hooks.ActivationPatching.Direction;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.Optional;

/**
 * The scale on which patching is shown: how far a logit difference lies on the way from the run
 * that is patched to the run that is patched from.
 *
 * @param zero the mean logit difference of the unpatched run
 * @param span the clean mean less the corrupted one
 * @param unit what the ends mean
 */
record Normalisation(double zero, double span, String unit) {

  /** Below this the two runs differ by no more than rounding does. */
  private static final double SMALLEST_SPAN = 1e-5;

  /**
   * Returns the scale of a direction: 0 corrupted, 1 clean when denoising; 0 clean, −1 corrupted
   * when noising. Empty if both runs have the same logit difference.
   */
  static Optional<Normalisation> of(Direction direction, double clean, double corrupted) {
    double span = clean - corrupted;
    if (!(Math.abs(span) > SMALLEST_SPAN)) {
      return Optional.empty();
    }
    return Optional.of(
        switch (direction) {
          case DENOISING ->
              new Normalisation(
                  corrupted, span, "logit difference restored: 0 = corrupted, 1 = clean");
          case NOISING ->
              new Normalisation(clean, span, "logit difference lost: 0 = clean, -1 = corrupted");
        });
  }

  /** Returns mean logit differences on this scale. */
  LabelledArray apply(LabelledArray raw) {
    double[] values = raw.stream().map(value -> (value - zero) / span).toArray();
    return LabelledArray.of(raw.name() + ", normalised", unit, raw.axes(), values);
  }
}
