package dev.headlamp.bench.products;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RouteTest {

  @ParameterizedTest
  @EnumSource(Route.class)
  void everyRouteComputesTheProduct(Route route) {
    int rows = 3;
    float[] a = Product.first(rows);
    float[] b = Product.second();
    try (Product product = route.open(rows)) {
      product.multiply();
      for (int row = 0; row < rows; row++) {
        for (int column = 0; column < Sizes.OUT; column += 331) {
          double sum = 0;
          for (int i = 0; i < Sizes.IN; i++) {
            sum += (double) a[row * Sizes.IN + i] * b[i * Sizes.OUT + column];
          }
          assertThat(product.get(row, column)).isCloseTo((float) sum, within(1e-4f));
        }
      }
    }
  }
}
