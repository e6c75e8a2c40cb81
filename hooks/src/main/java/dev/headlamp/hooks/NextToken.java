package dev.headlamp.hooks;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What a model says of the token that follows a position. */
public final class NextToken {

  /**
   * One candidate.
   *
   * @param token its id
   * @param rank how many tokens are more probable; 0 is the best
   * @param logit its logit
   * @param probability its probability among all tokens
   */
  public record Candidate(int token, int rank, double logit, double probability) {}

  private final double[] logits;
  private final double logSumExp;

  private NextToken(double[] logits) {
    this.logits = logits;
    double max = Arrays.stream(logits).max().orElseThrow();
    this.logSumExp =
        max + Math.log(Arrays.stream(logits).map(logit -> Math.exp(logit - max)).sum());
  }

  /**
   * Returns what the logits of one position say.
   *
   * @param logits {@code [batch, pos, d_vocab]}, of the whole vocabulary; borrowed
   */
  public static NextToken of(INDArray logits, int prompt, int pos) {
    return new NextToken(logits.slice(prompt).slice(pos).dup('c').data().asDouble());
  }

  /** Returns the logit of a token. */
  public double logit(int token) {
    return logits[checked(token)];
  }

  /** Returns ln p(token), in nats. */
  public double logProbability(int token) {
    return logits[checked(token)] - logSumExp;
  }

  /** Returns ln p of every token, in nats. The array is the caller's own. */
  public double[] logProbabilities() {
    return Arrays.stream(logits).map(logit -> logit - logSumExp).toArray();
  }

  /** Returns p(token). */
  public double probability(int token) {
    return Math.exp(logProbability(token));
  }

  /** Returns how many tokens are more probable; of equal logits the lower id comes first. */
  public int rank(int token) {
    double own = logit(token);
    return (int)
        IntStream.range(0, logits.length)
            .filter(i -> logits[i] > own || (logits[i] == own && i < token))
            .count();
  }

  /** Returns everything there is to say of one token. */
  public Candidate candidate(int token) {
    return new Candidate(token, rank(token), logit(token), probability(token));
  }

  /** Returns the {@code count} most probable tokens, the best first. */
  public List<Candidate> top(int count) {
    int[] best =
        IntStream.range(0, logits.length)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer i) -> -logits[i]))
            .limit(count)
            .mapToInt(Integer::intValue)
            .toArray();
    return IntStream.range(0, best.length)
        .mapToObj(
            rank -> new Candidate(best[rank], rank, logits[best[rank]], probability(best[rank])))
        .toList();
  }

  private int checked(int token) {
    if (token < 0 || token >= logits.length) {
      throw new IllegalArgumentException(
          "token id %d is out of range: these logits have ids 0 to %d"
              .formatted(token, logits.length - 1));
    }
    return token;
  }
}
