package dev.headlamp.bench.products;

import dev.headlamp.bench.harness.Forks;
import dev.headlamp.bench.harness.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The rates of every route at few and many rows: why the engine multiplies as it does. */
public final class ProductRates {

  static final String SYSTEM = "the system's OpenBLAS from C";

  private static final int[] ROWS = {1, 16, 128, 512};

  private ProductRates() {}

  /** Measures every route. */
  public static List<Row> measure(Forks forks) {
    List<Row> rows = new ArrayList<>();
    for (Route route : Route.values()) {
      rows.add(row(route.text(), m -> gflops(Reference.rate(forks, route, m))));
    }
    rows.add(
        row(
            SYSTEM,
            m ->
                Reference.system(forks, m).stream()
                    .mapToObj(ProductRates::gflops)
                    .findFirst()
                    .orElse("–")));
    return rows;
  }

  private static Row row(String route, IntFunction<String> rate) {
    return Row.beside(
        route + ", GFLOP/s at 1 / 16 / 128 / 512 rows",
        IntStream.of(ROWS).mapToObj(rate).collect(Collectors.joining(" / ")));
  }

  private static String gflops(double rate) {
    return String.format(Locale.ROOT, "%.0f", rate);
  }
}
