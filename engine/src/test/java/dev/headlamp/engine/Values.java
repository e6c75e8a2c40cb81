package dev.headlamp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.nd4j.linalg.api.ndarray.INDArray;

/** The elements of arrays, last axis fastest, and whether they are the same to the last bit. */
final class Values {

  private Values() {}

  static double[] of(INDArray array) {
    return array.dup('c').data().asDouble();
  }

  static void assertIdentical(String what, INDArray expected, INDArray actual) {
    assertThat(actual.shape()).as(what).isEqualTo(expected.shape());
    assertThat(of(actual)).as(what).isEqualTo(of(expected));
  }
}
