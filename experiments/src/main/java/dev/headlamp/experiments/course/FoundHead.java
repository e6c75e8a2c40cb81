package dev.headlamp.experiments.course;

import dev.headlamp.hooks.report.LabelledArray;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A head that writes much of the logit difference, or against it.
 *
 * @param layer its layer
 * @param head its number in the layer
 * @param attribution what it writes, in logits
 * @param toIo mean attention from the last position to the indirect object
 * @param toS1 to the subject, where it is introduced
 * @param toS2 to the subject, where it is said again
 */
public record FoundHead(
    int layer, int head, double attribution, double toIo, double toS1, double toS2) {

  /** Returns the heads that write most of the logit difference, then those most against it. */
  public static List<FoundHead> strongest(CourseAttribution attribution, int ofEachSign) {
    LabelledArray byHead = attribution.byHead();
    LabelledArray attention = attribution.attention();
    int heads = byHead.shape()[1];
    List<FoundHead> all =
        IntStream.range(0, byHead.size())
            .mapToObj(
                i -> {
                  int layer = i / heads;
                  int head = i % heads;
                  return new FoundHead(
                      layer,
                      head,
                      byHead.value(layer, head),
                      attention.value(0, layer, head),
                      attention.value(1, layer, head),
                      attention.value(2, layer, head));
                })
            .sorted(Comparator.comparingDouble(FoundHead::attribution).reversed())
            .toList();
    Stream<FoundHead> with = all.stream().filter(found -> found.attribution > 0).limit(ofEachSign);
    Stream<FoundHead> against =
        all.stream()
            .sorted(Comparator.comparingDouble(FoundHead::attribution))
            .filter(found -> found.attribution < 0)
            .limit(ofEachSign);
    return Stream.concat(with, against).toList();
  }

  /** Returns what the field calls it: {@code 9.6} is head 6 of layer 9. */
  public String name() {
    return layer + "." + head;
  }
}
