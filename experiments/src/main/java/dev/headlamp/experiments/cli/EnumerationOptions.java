package dev.headlamp.experiments.cli;

import dev.headlamp.experiments.enumeration.PromptSpace;
import dev.headlamp.experiments.enumeration.Slice;
import java.util.List;
import java.util.stream.IntStream;
import picocli.CommandLine.Option;

/** What to tell of an enumeration. */
final class EnumerationOptions {

  @Option(
      names = "--slice",
      paramLabel = "FACTOR=VALUE",
      description =
          "Show the prompts in which template, place, object, S or IO is this, such as S=Lisa;"
              + " a second one slices the slice again. The worst S, and the worst IO within it,"
              + " are always shown.")
  private List<String> conditions = List.of();

  @Option(names = "--csv", description = "Write every row as CSV too, some 300 MB of all.")
  private boolean csv;

  boolean csv() {
    return csv;
  }

  /**
   * Returns the slice of the first condition, then of the first two, and so on.
   *
   * @throws InputException if the space has no such slice
   */
  List<Slice> slices(PromptSpace space) {
    return IntStream.rangeClosed(1, conditions.size())
        .mapToObj(
            count -> InputException.blaming(() -> Slice.parse(space, conditions.subList(0, count))))
        .toList();
  }
}
