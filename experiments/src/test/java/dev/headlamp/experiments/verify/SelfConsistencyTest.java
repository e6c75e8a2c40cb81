package dev.headlamp.experiments.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headlamp.experiments.verify.Finding.Verdict;
import dev.headlamp.fixtures.Fixtures;
import dev.headlamp.hooks.HookedGpt2;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;

class SelfConsistencyTest {

  @ParameterizedTest
  @ValueSource(
      strings = {"tiny", "odd-shapes-untied", "stanford-style", "gpt-neo", "half", "ioi-demo"})
  void everyRelativeAgreesWithItself(String fixture) throws IOException {
    assertThat(measure(fixture, () -> load(fixture, DataType.DOUBLE)))
        .hasSize(6)
        .allSatisfy(
            finding -> assertThat(finding.verdict()).as("%s", finding).isEqualTo(Verdict.PASS));
  }

  @Test
  void otherWeightsInFloat64AreAMiss() throws IOException {
    List<Finding> findings =
        measure(
            "tiny",
            () -> {
              HookedGpt2 other = load("tiny", DataType.DOUBLE);
              other.engine().weights().lnFinal().bias().putScalar(0, 5);
              return other;
            });
    assertThat(findings)
        .filteredOn(finding -> finding.verdict() == Verdict.MISS)
        .singleElement()
        .extracting(Finding::what)
        .asString()
        .startsWith("float32 against float64");
  }

  @Test
  void aModelInFloat64IsNotComparedWithItself() throws IOException {
    List<Finding> findings = new ArrayList<>();
    try (HookedGpt2 model = load("tiny", DataType.DOUBLE)) {
      SelfConsistency.measure(
          model,
          () -> {
            throw new AssertionError("loaded once more");
          },
          (source, finding) -> findings.add(finding));
    }
    assertThat(findings.get(5)).isInstanceOf(Finding.NotRun.class);
  }

  private static List<Finding> measure(String fixture, SelfConsistency.Float64Loader inFloat64)
      throws IOException {
    List<Finding> findings = new ArrayList<>();
    try (HookedGpt2 model = load(fixture, DataType.FLOAT)) {
      SelfConsistency.measure(model, inFloat64, (source, finding) -> findings.add(finding));
    }
    return findings;
  }

  private static HookedGpt2 load(String fixture, DataType type) throws IOException {
    return HookedGpt2.load(Fixtures.model(fixture), type);
  }
}
