package dev.headlamp.experiments.ioi.scores;

/** What is measured of each prompt, and averaged. */
public enum IoiQuantity {
  /** logit[IO] − logit[S]. */
  LOGIT_DIFFERENCE("logit difference") {
    @Override
    double of(double logitDifference, double probability) {
      return logitDifference;
    }
  },
  /** Whether IO has the larger logit: the mean is the share of prompts. */
  IO_ABOVE_S("share with IO > S") {
    @Override
    double of(double logitDifference, double probability) {
      return logitDifference > 0 ? 1 : 0;
    }
  },
  /** p(IO) among all tokens. */
  IO_PROBABILITY("probability of IO") {
    @Override
    double of(double logitDifference, double probability) {
      return probability;
    }
  };

  private final String label;

  IoiQuantity(String label) {
    this.label = label;
  }

  /** Returns what reports call it. */
  public String label() {
    return label;
  }

  abstract double of(double logitDifference, double probability);
}
