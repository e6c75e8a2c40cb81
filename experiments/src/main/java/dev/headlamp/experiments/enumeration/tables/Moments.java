package dev.headlamp.experiments.enumeration.tables;

/** Sums that statistics are made of. Those of a part can be taken off those of the whole. */
final class Moments {

  private long count;
  private double sum;
  private double sumOfSquares;
  private long belowZero;

  void add(float value) {
    count++;
    sum += value;
    sumOfSquares += (double) value * value;
    belowZero += value < 0 ? 1 : 0;
  }

  Moments minus(Moments part) {
    Moments rest = new Moments();
    rest.count = count - part.count;
    rest.sum = sum - part.sum;
    rest.sumOfSquares = sumOfSquares - part.sumOfSquares;
    rest.belowZero = belowZero - part.belowZero;
    return rest;
  }

  long count() {
    return count;
  }

  Statistics statistics() {
    double mean = sum / count;
    // In double the squares of some million logits lose nothing that would show in a float.
    double variance = count < 2 ? Double.NaN : Math.max(0, sumOfSquares - sum * mean) / (count - 1);
    return new Statistics(count, mean, Math.sqrt(variance), belowZero);
  }
}
