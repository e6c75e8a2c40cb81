package dev.headlamp.experiments.ioi.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * What the research log published of knocking out one head of gpt2's last layer, after "When Mary
 * and John went to the store, John gave a drink to" without beginning-of-sequence token (section
 * 7). Differences are original − ablated.
 *
 * @param head in layer 11
 * @param kl KL(original ‖ ablated), in nats
 * @param totalVariation total variation distance
 * @param l2 L2 distance of the probabilities
 * @param probabilityOfIo change of p(" Mary")
 * @param probabilityOfS change of p(" John")
 * @param logitDifference change of the logit difference
 */
public record PublishedKnockOut(
    int head,
    double kl,
    double totalVariation,
    double l2,
    double probabilityOfIo,
    double probabilityOfS,
    double logitDifference) {

  /** The layer of gpt2 that was published. */
  public static final int LAYER = 11;

  /** Returns the 12 heads, the largest KL first. */
  public static List<PublishedKnockOut> ranking() {
    String resource = "layer-11.csv";
    try (InputStream in = PublishedKnockOut.class.getResourceAsStream(resource)) {
      Objects.requireNonNull(in, resource);
      return new String(in.readAllBytes(), UTF_8)
          .lines()
          .skip(1)
          .map(PublishedKnockOut::parse)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the resource " + resource, e);
    }
  }

  private static PublishedKnockOut parse(String line) {
    double[] cells = Arrays.stream(line.split(",", -1)).mapToDouble(Double::parseDouble).toArray();
    return new PublishedKnockOut(
        (int) cells[0], cells[1], cells[2], cells[3], cells[4], cells[5], cells[6]);
  }
}
