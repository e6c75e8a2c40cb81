package dev.headlamp.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.apache.commons.math3.special.Erf;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The kernels one by one, the portable and the fast ones, against their formulas. */
@ParameterizedClass(name = "{0}")
@MethodSource("subjects")
class KernelsTest {

  /** Kernels, a type that they compute in, and how close they come there. */
  private record Subject(Kernels kernels, DataType type, double tolerance) {
    @Override
    public String toString() {
      return kernels.getClass().getSimpleName() + " in " + type;
    }
  }

  static List<Subject> subjects() {
    return List.of(
        new Subject(new Nd4jKernels(), DataType.DOUBLE, 1e-13),
        new Subject(new Nd4jKernels(), DataType.FLOAT, 2e-6),
        new Subject(CpuKernels.byOneDnn(List.of()), DataType.FLOAT, 2e-6),
        new Subject(CpuKernels.byOpenBlas(), DataType.FLOAT, 2e-6));
  }

  private static final double INFINITY = Double.POSITIVE_INFINITY;

  private final Kernels kernels;
  private final DataType type;
  private final Offset<Double> close;
  private final RunMemory memory;

  KernelsTest(Subject subject) {
    this.kernels = subject.kernels;
    this.type = subject.type;
    this.close = within(subject.tolerance);
    this.memory = new RunMemory(new ArrayPool(type, 0));
  }

  @ParameterizedTest
  @CsvSource({
    "GELU_TANH, -1, -0.1588080093917233",
    "GELU_TANH, 1, 0.8411919906082767",
    "GELU, 1, 0.8413447460685429",
    "GELU, -1, -0.15865525393145707",
    "RELU, -3, 0",
    "RELU, 3, 3",
    "SILU, 1, 0.7310585786300049",
    "GELU_TANH, 0, 0",
    "GELU, 0, 0",
    "SILU, 0, 0"
  })
  void activationFunctionsHaveTheirKnownValues(ActivationFunction f, double x, double expected) {
    assertThat(activated(f, x)).containsExactly(new double[] {expected}, close);
  }

  @ParameterizedTest
  @EnumSource
  void activationFunctionsFollowTheirFormulas(ActivationFunction f) {
    double[] x = IntStream.rangeClosed(-2000, 2000).mapToDouble(i -> i / 100.0).toArray();
    double[] expected = Arrays.stream(x).map(formula(f)).toArray();
    assertThat(activated(f, x)).containsExactly(expected, close);
  }

  @ParameterizedTest
  @EnumSource
  void activationFunctionsStayFiniteFarOut(ActivationFunction f) {
    assertThat(activated(f, 1e4, -1e4)).containsExactly(new double[] {1e4, 0}, within(1e-4));
  }

  @ParameterizedTest
  @EnumSource
  void activationFunctionsLeaveTheirArgumentAlone(ActivationFunction f) {
    INDArray x = array(-1.0, 0.5, 2.0);
    kernels.activate(memory, f, x);
    assertThat(Values.of(x)).containsExactly(-1.0, 0.5, 2.0);
  }

  @Test
  void aRowOfHardlyAnyVarianceIsNormalizedWithEpsilon() {
    double a = Math.sqrt(8.6e-8);
    INDArray x = rows(new double[][] {{a, -a, a, -a}});
    INDArray scale = kernels.layerNormScale(memory, x.reshape(1, 1, 4), 1e-5);
    assertThat(scale.shape()).isEqualTo(new long[] {1, 1, 1});
    assertThat(scale.getDouble(0)).isCloseTo(Math.sqrt(1.0086e-5), within(1e-9));
    LayerNormWeights norm =
        new LayerNormWeights(array(1.0, 2.0, 3.0, 4.0), array(0.5, 0.5, 0.5, 0.0));
    double unit = a / Math.sqrt(1.0086e-5);
    assertThat(Values.of(kernels.layerNorm(memory, x.reshape(1, 1, 4), scale, 1e-5, norm)))
        .containsExactly(
            new double[] {unit + 0.5, -2 * unit + 0.5, 3 * unit + 0.5, -4 * unit}, close);
  }

  @Test
  void aConstantRowIsNormalizedToTheBias() {
    INDArray x = Nd4j.valueArrayOf(new long[] {1, 1, 3}, 7.0, type);
    INDArray scale = kernels.layerNormScale(memory, x, 1e-5);
    INDArray bias = array(1.0, 2.0, 3.0);
    INDArray y = kernels.layerNorm(memory, x, scale, 1e-5, new LayerNormWeights(bias, bias));
    assertThat(Values.of(y)).containsExactly(new double[] {1, 2, 3}, close);
  }

  @Test
  void aRowThatIsMaskedThroughoutHasNoProbabilities() {
    double[] masked = {-INFINITY, -INFINITY, -INFINITY};
    assertThat(softmax(true, masked)).containsExactly(0, 0, 0);
    double e = Math.E;
    assertThat(softmax(true, 0, 1, -INFINITY))
        .containsExactly(new double[] {1 / (1 + e), e / (1 + e), 0}, close);
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void theSoftmaxOfLargeScoresDoesNotOverflow(boolean emptyRows) {
    assertThat(softmax(emptyRows, 5000, 5000, -5000))
        .containsExactly(new double[] {0.5, 0.5, 0}, close);
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void theSoftmaxOfNaNIsNaN(boolean emptyRows) {
    double[] pattern = softmax(emptyRows, Double.NaN, 1, -INFINITY);
    assertThat(Arrays.copyOf(pattern, 2)).containsOnly(Double.NaN);
  }

  @Test
  void aLinearMapIsTheProductPlusBias() {
    INDArray x = rows(new double[][] {{1, 2}, {3, 4}, {5, 6}}).reshape(1, 3, 2);
    INDArray w = rows(new double[][] {{1, 0, -1, 2}, {0, 1, 10, 3}});
    INDArray bias = array(0.0, 0.0, 100.0, 0.5);
    INDArray y = kernels.linear(memory, x, w, bias, 1, 3, 2, 2);
    assertThat(y.shape()).isEqualTo(new long[] {1, 3, 2, 2});
    assertThat(Values.of(y)).containsExactly(1, 2, 119, 8.5, 3, 4, 137, 18.5, 5, 6, 155, 28.5);
    assertThat(Values.of(kernels.linear(memory, x, w, null, 1, 3, 4)))
        .containsExactly(1, 2, 19, 8, 3, 4, 37, 18, 5, 6, 55, 28);
  }

  @Test
  void unembeddingIsTheProductWithEachTokensRow() {
    INDArray x = rows(new double[][] {{1, 2}, {3, 4}}).reshape(1, 2, 2);
    INDArray rows = rows(new double[][] {{1, 1}, {0, 1}, {2, -1}});
    INDArray bias = array(0.0, 10.0, 0.0);
    assertThat(Values.of(kernels.unembed(memory, x, rows, bias)))
        .containsExactly(3, 12, 0, 7, 14, 2);
    assertThat(kernels.unembed(memory, x, rows, null).shape()).isEqualTo(new long[] {1, 2, 3});
  }

  @Test
  void whatTheHeadsWriteAddsUpToTheLinearMap() {
    INDArray z = ramp(-0.2, 0.005, 2, 3, 4, 5);
    INDArray wO = ramp(1, -0.013, 20, 6);
    INDArray bO = ramp(0, 0.1, 6);
    INDArray results = kernels.headResults(memory, z, wO);
    assertThat(results.shape()).isEqualTo(new long[] {2, 3, 4, 6});
    for (int head = 0; head < 4; head++) {
      double expected = 0;
      for (int d = 0; d < 5; d++) {
        expected += z.getDouble(1, 2, head, d) * wO.getDouble(head * 5 + d, 3);
      }
      assertThat(results.getDouble(1, 2, head, 3)).isCloseTo(expected, close);
    }
    INDArray sum = kernels.sumHeads(memory, results, bO);
    assertThat(Values.of(sum))
        .containsExactly(Values.of(kernels.linear(memory, z, wO, bO, 2, 3, 6)), close);
  }

  @Test
  void everyHeadIsGivenTheWholeStream() {
    INDArray x = ramp(0, 1, 2, 3, 2);
    INDArray repeated = kernels.repeatForHeads(memory, x, 4);
    for (int head = 0; head < 4; head++) {
      assertThat(repeated.getDouble(1, 2, head, 0)).isEqualTo(10);
      assertThat(repeated.getDouble(0, 1, head, 1)).isEqualTo(3);
    }
    assertThat(repeated.sumNumber().doubleValue()).isEqualTo(4 * 66);
  }

  @Test
  void rowsArePickedInOrderAndAgain() {
    INDArray table = rows(new double[][] {{1, 2}, {3, 4}, {5, 6}});
    assertThat(Values.of(kernels.rows(memory, table, new int[] {2, 0, 2}, 1, 3, 2)))
        .containsExactly(5, 6, 1, 2, 5, 6);
  }

  private INDArray array(double... values) {
    return Nd4j.createFromArray(values).castTo(type);
  }

  private INDArray rows(double[]... rows) {
    return Nd4j.createFromArray(rows).castTo(type);
  }

  private double[] activated(ActivationFunction f, double... x) {
    return Values.of(kernels.activate(memory, f, array(x)));
  }

  private double[] softmax(boolean emptyRows, double... scores) {
    INDArray row = array(scores).reshape(1, 1, 1, scores.length);
    return Values.of(kernels.softmax(memory, row, emptyRows));
  }

  private INDArray ramp(double from, double step, int... shape) {
    double[] values = new double[Arrays.stream(shape).reduce(1, Math::multiplyExact)];
    Arrays.setAll(values, i -> from + step * i);
    return array(values).reshape(shape);
  }

  private static DoubleUnaryOperator formula(ActivationFunction f) {
    return switch (f) {
      case GELU_TANH ->
          x -> 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
      case GELU -> x -> 0.5 * x * Erf.erfc(-x / Math.sqrt(2));
      case RELU -> x -> Math.max(x, 0);
      case SILU -> x -> x / (1 + Math.exp(-x));
    };
  }
}
