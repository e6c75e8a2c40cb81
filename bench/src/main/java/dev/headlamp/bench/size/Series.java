package dev.headlamp.bench.size;

import java.util.List;

/**
 * Times over one size, with the others as GPT-2 small has them and 8 prompts of 16 tokens.
 *
 * @param parameter the size that varies
 * @param method what is timed
 * @param values what the size is
 */
record Series(String parameter, String method, List<Integer> values) {

  private static final String FORWARD = "forward";

  static final List<Series> ALL =
      List.of(
          new Series("layers", FORWARD, List.of(1, 3, 6, 12, 24)),
          new Series("width", FORWARD, List.of(192, 384, 768, 1152)),
          new Series("tokens", FORWARD, List.of(4, 16, 64, 256)),
          new Series("batch", FORWARD, List.of(1, 4, 16, 64)),
          new Series("heads", FORWARD, List.of(3, 6, 12, 24, 48)),
          new Series("patches", "patch", List.of(12, 48, 192)));

  String title() {
    return method.equals(FORWARD) ? "forward by " + parameter : "residual stream patches";
  }
}
