package dev.headlamp.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The fast operations against the portable ones, by every library that they can multiply with, on
 * shapes that no vector width divides.
 */
@ParameterizedClass(name = "{0}")
@MethodSource("routes")
class CpuKernelsTest {

  static List<Named<Kernels>> routes() {
    return List.of(
        Named.of("oneDNN", CpuKernels.byOneDnn(List.of())),
        Named.of("OpenBLAS", CpuKernels.byOpenBlas()));
  }

  private static final double TOLERANCE = 1e-5;

  private final Kernels fast;
  private final Kernels portable = new Nd4jKernels();
  private final RunMemory memory = new RunMemory(new ArrayPool(DataType.FLOAT, 0));
  private final Random random = new Random(7);

  CpuKernelsTest(Kernels fast) {
    this.fast = fast;
  }

  @Test
  void everyRouteIsThere() {
    assertThat(OneDnn.isAvailable()).isTrue();
    assertThat(OpenBlas.isAvailable()).isTrue();
  }

  @Test
  void packedWeightsGiveWhatPlainOnesGive() {
    INDArray w = random(70, 101);
    INDArray tokens = random(101, 70);
    INDArray bias = random(101);
    try (Kernels packing = CpuKernels.byOneDnn(List.of(w, tokens))) {
      for (int rows : new int[] {1, 2, 16, 77}) {
        INDArray x = random(1, rows, 70);
        for (int repeated = 0; repeated < 2; repeated++) {
          same(
              portable.linear(memory, x, w, bias, 1, rows, 101),
              packing.linear(memory, x, w, bias, 1, rows, 101));
          same(portable.unembed(memory, x, tokens, null), packing.unembed(memory, x, tokens, null));
        }
      }
    }
  }

  @Test
  void geluStaysWithinAMillionthOfTheFormula() {
    int count = 400_001;
    float[] x = new float[count];
    for (int i = 0; i < count; i++) {
      x[i] = -20 + (i * 1e-4f);
    }
    INDArray y = fast.activate(memory, ActivationFunction.GELU_TANH, Nd4j.createFromArray(x));
    double[] actual = Values.of(y);
    for (int i = 0; i < count; i++) {
      double v = x[i];
      double u = Math.sqrt(2 / Math.PI) * (v + (0.044715 * v * v * v));
      double expected = 0.5 * v * (1 + Math.tanh(u));
      assertThat(actual[i])
          .as("GELU(%s)", v)
          .isCloseTo(expected, within(1e-6 * Math.max(1, Math.abs(v))));
    }
  }

  @ParameterizedTest
  @EnumSource
  void activationFunctionsAreThePortableOnes(ActivationFunction f) {
    INDArray x = random(5, 3, 1367).muli(4);
    same(portable.activate(memory, f, x), fast.activate(memory, f, x));
  }

  @Test
  void productsAreThePortableOnes() {
    INDArray x = random(3, 7, 35);
    INDArray w = random(35, 22);
    INDArray bias = random(22);
    same(
        portable.linear(memory, x, w, bias, 3, 7, 2, 11),
        fast.linear(memory, x, w, bias, 3, 7, 2, 11));
    same(portable.linear(memory, x, w, null, 3, 7, 22), fast.linear(memory, x, w, null, 3, 7, 22));
    INDArray tokens = random(101, 35);
    INDArray tokenBias = random(101);
    same(portable.unembed(memory, x, tokens, null), fast.unembed(memory, x, tokens, null));
    same(
        portable.unembed(memory, x, tokens, tokenBias), fast.unembed(memory, x, tokens, tokenBias));
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 50})
  void layerNormsAreThePortableOnes(int rows) {
    INDArray x = random(2, rows, 37).addi(3);
    LayerNormWeights weights = new LayerNormWeights(random(37), random(37));
    INDArray scale = portable.layerNormScale(memory, x, 1e-5);
    same(scale, fast.layerNormScale(memory, x, 1e-5));
    same(
        portable.layerNorm(memory, x, scale, 1e-5, weights),
        fast.layerNorm(memory, x, 1e-5, weights));
    INDArray flat = random(1, rows, 37).muli(1e-4);
    same(portable.layerNormScale(memory, flat, 1e-5), fast.layerNormScale(memory, flat, 1e-5));
    same(
        portable.layerNorm(memory, flat, 1e-5, weights),
        fast.layerNorm(memory, flat, 1e-5, weights));
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 50})
  void aLayerNormsScaleMayBeAnothersForSomeRows(int rows) {
    INDArray x = random(2, rows, 37).addi(3);
    LayerNormWeights weights = new LayerNormWeights(random(37), random(37));
    INDArray own = fast.layerNorm(memory, x, 1e-5, weights);
    INDArray scale = fast.layerNormScale(memory, x, 1e-5);
    Values.assertIdentical("own scale", own, fast.layerNorm(memory, x, scale, 1e-5, weights));
    scale.putScalar(new int[] {1, 2, 0}, 0.25);
    INDArray edited = fast.layerNorm(memory, x, scale, 1e-5, weights);
    same(portable.layerNorm(memory, x, scale, 1e-5, weights), edited);
    Values.assertIdentical("other prompt", own.slice(0), edited.slice(0));
    Values.assertIdentical("other position", own.slice(1).slice(3), edited.slice(1).slice(3));
  }

  @Test
  void attentionIsThePortableOne() {
    TokenBatch tokens =
        TokenBatch.padded(List.of(new int[9], new int[4], new int[1]), TokenBatch.Padding.LEFT, 0);
    INDArray q = random(3, 9, 5, 7);
    INDArray k = random(3, 9, 5, 7);
    INDArray v = random(3, 9, 5, 7);
    for (int window : new int[] {0, 3}) {
      AttentionMask mask = AttentionMask.of(memory, tokens, null, window);
      INDArray scores = portable.scores(memory, q, k, 2.5, mask);
      INDArray pattern = portable.softmax(memory, scores, true);
      same(scores, fast.scores(memory, q, k, 2.5, mask));
      same(pattern, fast.softmax(memory, scores, true));
      same(portable.mix(memory, pattern, v), fast.mix(memory, pattern, v));
      same(portable.mix(memory, pattern, v), fast.attend(memory, q, k, v, 2.5, mask, true));
    }
  }

  /** Three prompts, because few rows of one are not worth a library's call. */
  @ParameterizedTest
  @ValueSource(ints = {3, 16, 50})
  void theSoftmaxOfManyRowsKnowsNaNAndEmptyRows(int width) {
    INDArray scores = random(3, 2, width, width);
    scores.putScalar(new int[] {0, 0, 1, 1}, Double.NaN);
    scores.putScalar(new int[] {1, 0, 2, width - 1}, Double.POSITIVE_INFINITY);
    for (int src = 0; src < width; src++) {
      scores.putScalar(new int[] {2, 1, 0, src}, Double.NEGATIVE_INFINITY);
    }
    double[] given = Values.of(scores);
    for (boolean emptyRows : new boolean[] {true, false}) {
      INDArray expected = portable.softmax(memory, scores, true);
      INDArray pattern = fast.softmax(memory, scores, emptyRows);
      double[] empty = new double[width];
      Arrays.fill(empty, emptyRows ? 0 : Double.NaN);
      assertThat(row(pattern, 2, 1, 0)).containsExactly(empty);
      assertThat(row(pattern, 0, 0, 1)).containsOnly(Double.NaN);
      assertThat(row(pattern, 1, 0, 2)).containsOnly(Double.NaN);
      same(expected.slice(0).slice(1), pattern.slice(0).slice(1));
      same(expected.slice(2).slice(0), pattern.slice(2).slice(0));
    }
    assertThat(Values.of(scores)).containsExactly(given);
  }

  private static double[] row(INDArray pattern, int prompt, int head, int dest) {
    return Values.of(pattern.slice(prompt).slice(head).slice(dest));
  }

  @Test
  void attentionOfLongPromptsIsThePortableOne() {
    INDArray q = random(2, 300, 3, 7);
    INDArray k = random(2, 300, 3, 7);
    INDArray v = random(2, 300, 3, 7);
    List<int[]> prompts = List.of(new int[300], new int[123]);
    for (TokenBatch.Padding side : TokenBatch.Padding.values()) {
      for (int window : new int[] {0, 40}) {
        AttentionMask mask =
            AttentionMask.of(memory, TokenBatch.padded(prompts, side, 0), null, window);
        same(
            portable.attend(memory, q, k, v, 2.5, mask, true),
            fast.attend(memory, q, k, v, 2.5, mask, true));
      }
    }
  }

  /** So many prompts that they are not all taken together. */
  @Test
  void attentionOfManyPaddedPromptsIsThePortableOne() {
    List<int[]> prompts = IntStream.range(0, 60).mapToObj(i -> new int[60 - (i % 30)]).toList();
    INDArray q = random(60, 60, 5, 7);
    INDArray k = random(60, 60, 5, 7);
    INDArray v = random(60, 60, 5, 7);
    for (TokenBatch.Padding side : TokenBatch.Padding.values()) {
      AttentionMask mask = AttentionMask.of(memory, TokenBatch.padded(prompts, side, 0), null, 40);
      same(
          portable.attend(memory, q, k, v, 2.5, mask, true),
          fast.attend(memory, q, k, v, 2.5, mask, true));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aNaNReachesThoseThatMaySeeIt(boolean padded) {
    INDArray q = random(3, 9, 5, 7);
    INDArray k = random(3, 9, 5, 7);
    INDArray v = random(3, 9, 5, 7);
    List<int[]> prompts = List.of(new int[9], new int[9], new int[padded ? 4 : 9]);
    TokenBatch tokens = TokenBatch.padded(prompts, TokenBatch.Padding.LEFT, 0);
    AttentionMask mask = AttentionMask.of(memory, tokens, null, 0);
    INDArray healthy = fast.attend(memory, q, k, v, 2.5, mask, padded).dup();
    k.putScalar(new int[] {1, 4, 2, 0}, Double.NaN);
    INDArray z = fast.attend(memory, q, k, v, 2.5, mask, padded);
    for (int dest = 4; dest < 9; dest++) {
      INDArray reached = z.slice(1).slice(dest).slice(2);
      assertThat(Values.of(reached)).as("query " + dest).containsOnly(Double.NaN);
      reached.assign(healthy.slice(1).slice(dest).slice(2));
    }
    Values.assertIdentical("all others", healthy, z);
  }

  @Test
  void queriesKeysAndValuesAreThePortableOnesWhetherJoinedOrNot() {
    for (boolean biased : new boolean[] {true, false}) {
      BlockWeights weights = block(biased);
      try (Kernels joining = CpuKernels.byOneDnn(weights.attentionWeights())) {
        INDArray x = random(2, 3, 35);
        var expected = portable.attentionInputs(memory, x, weights, 5);
        for (Kernels kernels : List.of(fast, joining)) {
          var actual = kernels.attentionInputs(memory, x, weights, 5);
          same(expected.q(), actual.q().dup('c'));
          same(expected.k(), actual.k().dup('c'));
          same(expected.v(), actual.v().dup('c'));
        }
      }
    }
  }

  @Test
  void blocksThatShareAMatrixKeepTheirOwnOthers() {
    BlockWeights first = block(true);
    BlockWeights second = block(true).withQk(first.wQ(), first.bQ(), random(35, 35), random(35));
    try (Kernels joining = CpuKernels.byOneDnn(first.attentionWeights())) {
      INDArray x = random(1, 2, 35);
      for (BlockWeights weights : List.of(first, second)) {
        var expected = portable.attentionInputs(memory, x, weights, 5);
        same(expected.k(), joining.attentionInputs(memory, x, weights, 5).k().dup('c'));
      }
    }
  }

  private BlockWeights block(boolean biased) {
    LayerNormWeights norm = new LayerNormWeights(random(35), random(35));
    INDArray[] w = {random(35, 35), random(35, 35), random(35, 35), random(35, 35)};
    INDArray bias = biased ? random(35) : null;
    return new BlockWeights(
        norm,
        w[0],
        bias,
        w[1],
        bias,
        w[2],
        bias,
        w[3],
        random(35),
        norm,
        random(35, 70),
        random(70),
        random(70, 35),
        random(35));
  }

  @Test
  void keysAndValuesMayBeViewsOfLongerArrays() {
    INDArray longKeys = random(2, 20, 5, 7);
    INDArray keys =
        longKeys.get(
            NDArrayIndex.all(),
            NDArrayIndex.interval(0, 12),
            NDArrayIndex.all(),
            NDArrayIndex.all());
    INDArray q = random(2, 12, 5, 7);
    AttentionMask mask = AttentionMask.of(memory, TokenBatch.of(new int[12], new int[12]), null, 0);
    INDArray scores = portable.scores(memory, q, keys.dup('c'), 1, mask);
    same(scores, fast.scores(memory, q, keys, 1, mask));
    INDArray pattern = portable.softmax(memory, scores, false);
    same(portable.mix(memory, pattern, keys.dup('c')), fast.mix(memory, pattern, keys));
  }

  @Test
  void theRestIsThePortableOnes() {
    INDArray z = random(2, 6, 5, 7);
    INDArray wO = random(35, 35);
    INDArray results = portable.headResults(memory, z, wO);
    same(results, fast.headResults(memory, z, wO));
    INDArray bias = random(35);
    same(portable.sumHeads(memory, results, bias), fast.sumHeads(memory, results, bias));
    INDArray x = random(2, 6, 35);
    same(portable.repeatForHeads(memory, x, 5), fast.repeatForHeads(memory, x, 5));
    INDArray y = random(2, 6, 35);
    same(portable.add(memory, x, y), fast.add(memory, x, y));
    int[] rows = {3, 0, 3, 34};
    same(portable.rows(memory, wO, rows, 2, 2, 35), fast.rows(memory, wO, rows, 2, 2, 35));
  }

  private INDArray random(int... shape) {
    INDArray array = Nd4j.createUninitialized(DataType.FLOAT, toLongs(shape), 'c');
    for (long i = 0; i < array.length(); i++) {
      array.putScalar(i, random.nextGaussian());
    }
    return array;
  }

  private static long[] toLongs(int[] shape) {
    return Arrays.stream(shape).asLongStream().toArray();
  }

  private static void same(INDArray expected, INDArray actual) {
    Differences differences = new Differences("fast operations");
    differences.add("result", expected, actual);
    differences.assertAtMost(TOLERANCE);
  }
}
