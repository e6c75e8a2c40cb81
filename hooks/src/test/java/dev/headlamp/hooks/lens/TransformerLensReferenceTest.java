package dev.headlamp.hooks.lens;

import static dev.headlamp.hooks.References.column;
import static dev.headlamp.hooks.References.doubles;
import static dev.headlamp.hooks.References.largestDifference;
import static dev.headlamp.hooks.References.rows;
import static dev.headlamp.hooks.References.tokens;
import static dev.headlamp.hooks.References.values;
import static org.assertj.core.api.Assertions.assertThat;

import dev.headlamp.engine.WeightProcessing;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.hooks.CacheSpec;
import dev.headlamp.hooks.Positions;
import dev.headlamp.weights.SafetensorsFile;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The residual stream taken apart as TransformerLens takes it apart. */
class TransformerLensReferenceTest {

  private static SafetensorsFile reference;
  private static LensFixture processed;

  @BeforeAll
  static void runTheProcessedModel() throws IOException {
    reference = SafetensorsFile.open(Fixtures.file("tiny", "processed.safetensors"));
    processed =
        LensFixture.of(
            "tiny",
            WeightProcessing.transformerLens(),
            tokens(reference, "tokens"),
            CacheSpec.defaults());
  }

  @AfterAll
  static void close() throws IOException {
    processed.close();
    reference.close();
  }

  @Test
  void statesOfTheStreamAreThoseOfAccumulatedResid() throws IOException {
    AccumulatedResidual states = processed.stream().accumulated().withMid();
    assertThat(states.labels()).containsExactly("0_pre", "0_mid", "1_pre", "1_mid", "final_post");
    try (ResidualStack stack = states.stack()) {
      assertThat(stack.values().shape()).containsExactly(5, 2, 10, 32);
      assertEqual("all.accumulated_resid", values(stack.values()));
    }
  }

  @Test
  void componentsAreThoseOfDecomposeResid() throws IOException {
    ResidualDecomposition components = processed.stream().components();
    assertThat(components.labels())
        .containsExactly(
            "embed", "pos_embed", "0_attn_out", "0_mlp_out", "1_attn_out", "1_mlp_out");
    try (ResidualStack stack = components.stack()) {
      assertThat(stack.values().shape()).containsExactly(6, 2, 10, 32);
      assertEqual("all.decompose_resid", values(stack.values()));
    }
  }

  @Test
  void headsAreThoseOfStackHeadResults() throws IOException {
    ResidualDecomposition heads = processed.stream().heads();
    assertThat(heads.labels())
        .containsExactly("L0H0", "L0H1", "L0H2", "L0H3", "L1H0", "L1H1", "L1H2", "L1H3");
    try (ResidualStack stack = heads.stack()) {
      assertThat(stack.values().shape()).containsExactly(8, 2, 10, 32);
      assertEqual("all.head_results", values(stack.values()));
    }
  }

  @Test
  void attributionsAreThoseOfLogitAttrs() throws IOException {
    int[][] answers = rows(reference, "answers");
    LogitTarget difference = LogitTarget.difference(column(answers, 0), column(answers, 1));
    ResidualStream last = processed.stream().at(Positions.last());
    assertEqual(
        "all.logit_attrs.components",
        last.components().attribution(difference).perPrompt().values());
    assertEqual("all.logit_attrs.heads", last.heads().attribution(difference).perPrompt().values());
  }

  @Test
  void theLastStateGivesTheLogits() throws IOException {
    try (INDArray logits = LogitLens.of(processed.stream().accumulated()).logits()) {
      assertThat(logits.shape()).containsExactly(3, 2, 10, 101);
      assertEqual("all.logits", values(logits.slice(2)));
    }
  }

  @Test
  void headsOfUnprocessedWeightsAreWhatTheirHookHolds() throws IOException {
    try (SafetensorsFile raw =
            SafetensorsFile.open(Fixtures.file("tiny", "activations.safetensors"));
        LensFixture run =
            LensFixture.of(
                "tiny", WeightProcessing.none(), tokens(raw, "tokens"), CacheSpec.defaults());
        ResidualStack stack = run.stream().heads().stack()) {
      for (int layer = 0; layer < 2; layer++) {
        INDArray expected = raw.read("blocks." + layer + ".attn.hook_result").permute(2, 0, 1, 3);
        String first = "L" + layer + "H";
        double[] actual =
            IntStream.range(0, 4)
                .mapToObj(head -> values(stack.get(first + head)))
                .flatMapToDouble(Arrays::stream)
                .toArray();
        assertThat(largestDifference(values(expected), actual)).isLessThanOrEqualTo(1e-5);
      }
    }
  }

  /** What of the reference file is about this package is compared above. */
  @Test
  void nothingOfTheReferenceIsLeftOut() {
    assertThat(
            reference.names().stream()
                .filter(name -> name.startsWith("all."))
                .filter(name -> !name.startsWith("all.weights."))
                .filter(name -> !name.startsWith("all.composition."))
                .filter(name -> !name.startsWith("all.blocks.")))
        .containsExactlyInAnyOrderElementsOf(
            Stream.of(
                    "accumulated_resid",
                    "decompose_resid",
                    "head_results",
                    "logit_attrs.components",
                    "logit_attrs.heads",
                    "logits")
                .map(name -> "all." + name)
                .toList());
  }

  private static void assertEqual(String name, double[] actual) throws IOException {
    double difference = largestDifference(doubles(reference, name), actual);
    System.out.printf("tiny %s: largest difference %.2e%n", name, difference);
    assertThat(difference).as(name).isLessThanOrEqualTo(2e-5);
  }
}
