package dev.headlamp.hooks.metrics;

import dev.headlamp.hooks.NextToken;

/**
 * How far apart two distributions of the next token are. Computed in float64 from
 * log-probabilities; a token of probability 0 in both counts for nothing.
 */
public enum Distance {
  /** Kullback–Leibler divergence Σ p·ln(p/q), in nats; infinite where p &gt; 0 and q = 0. */
  KL {
    @Override
    public double between(NextToken p, NextToken q) {
      return divergence(p.logProbabilities(), q.logProbabilities());
    }

    @Override
    public String label(String p, String q) {
      return "KL(%s ‖ %s), nats".formatted(p, q);
    }
  },
  /**
   * Jensen–Shannon divergence ½·KL(p ‖ m) + ½·KL(q ‖ m) with m = (p + q)/2, in nats: 0 to ln 2,
   * symmetric (Lin 1991).
   */
  JENSEN_SHANNON {
    @Override
    public double between(NextToken p, NextToken q) {
      double[] logP = p.logProbabilities();
      double[] logQ = q.logProbabilities();
      double[] logM = new double[sameLength(logP, logQ)];
      for (int i = 0; i < logM.length; i++) {
        double larger = Math.max(logP[i], logQ[i]);
        double smaller = Math.min(logP[i], logQ[i]);
        logM[i] =
            larger == Double.NEGATIVE_INFINITY
                ? larger
                : larger + Math.log1p(Math.exp(smaller - larger)) - LN_2;
      }
      return (divergence(logP, logM) + divergence(logQ, logM)) / 2;
    }

    @Override
    public String label(String p, String q) {
      return "Jensen–Shannon divergence of %s and %s, nats".formatted(p, q);
    }
  },
  /** Total variation distance ½·Σ |p − q|: 0 to 1, symmetric. */
  TOTAL_VARIATION {
    @Override
    public double between(NextToken p, NextToken q) {
      double[] logP = p.logProbabilities();
      double[] logQ = q.logProbabilities();
      double sum = 0;
      for (int i = 0; i < sameLength(logP, logQ); i++) {
        sum += Math.abs(Math.exp(logP[i]) - Math.exp(logQ[i]));
      }
      return sum / 2;
    }

    @Override
    public String label(String p, String q) {
      return "total variation distance of %s and %s".formatted(p, q);
    }
  },
  /** Euclidean distance √Σ (p − q)² of the probabilities: 0 to √2, symmetric. */
  L2 {
    @Override
    public double between(NextToken p, NextToken q) {
      double[] logP = p.logProbabilities();
      double[] logQ = q.logProbabilities();
      double sum = 0;
      for (int i = 0; i < sameLength(logP, logQ); i++) {
        double difference = Math.exp(logP[i]) - Math.exp(logQ[i]);
        sum += difference * difference;
      }
      return Math.sqrt(sum);
    }

    @Override
    public String label(String p, String q) {
      return "L2 distance of the probabilities of %s and %s".formatted(p, q);
    }
  };

  private static final double LN_2 = Math.log(2);

  /**
   * Returns the distance from p to q; NaN if either holds a NaN.
   *
   * @throws IllegalArgumentException if they are of vocabularies of different sizes
   */
  public abstract double between(NextToken p, NextToken q);

  /** Returns what a table calls this distance from {@code p} to {@code q}, unit included. */
  public abstract String label(String p, String q);

  private static double divergence(double[] logP, double[] logQ) {
    double sum = 0;
    for (int i = 0; i < sameLength(logP, logQ); i++) {
      double p = Math.exp(logP[i]);
      if (p != 0) {
        sum += p * (logP[i] - logQ[i]);
      }
    }
    // Rounding may leave the sum a little below the bound that the divergence has.
    return Math.max(sum, 0);
  }

  private static int sameLength(double[] logP, double[] logQ) {
    if (logP.length != logQ.length) {
      throw new IllegalArgumentException(
          "distributions over %d and %d tokens cannot be compared"
              .formatted(logP.length, logQ.length));
    }
    return logP.length;
  }
}
