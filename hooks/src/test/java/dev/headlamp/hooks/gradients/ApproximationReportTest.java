package dev.headlamp.hooks.gradients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.hooks.report.ArrayFiles;
import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.HtmlReport;
import dev.headlamp.hooks.report.LabelledArray;
import dev.headlamp.hooks.report.ReportSection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Correlations and departures of numbers that can be worked out by hand. */
class ApproximationReportTest {

  private static final double ABSENT = LabelledArray.ABSENT;

  private static ApproximationReport report(double[] estimated, double[] measured) {
    Axis axis = Axis.numbered("head", estimated.length);
    return new ApproximationReport(
        LabelledArray.of("the estimate", "logits", List.of(axis), estimated),
        LabelledArray.of("the truth", "logits", List.of(axis), measured));
  }

  @Test
  void correlationsAreThoseOfTheTextbook() {
    // Means 2.5 and 3, Σ(x−x̄)(y−ȳ) = 10, Σ(x−x̄)² = 5, Σ(y−ȳ)² = 24
    ApproximationReport report = report(new double[] {1, 2, 3, 4}, new double[] {1, 1, 3, 7});
    assertThat(report.pearson()).isEqualTo(10 / Math.sqrt(5 * 24), within(1e-12));
    // Ranks 1, 2, 3, 4 and 1.5, 1.5, 3, 4: Σ = 4.5, 5 and 4.5
    assertThat(report.rankCorrelation()).isEqualTo(4.5 / Math.sqrt(5 * 4.5), within(1e-12));
  }

  @Test
  void effectsInOneOrderAgreeInRankWhateverTheirSize() {
    ApproximationReport report = report(new double[] {-1, 0, 2, 3}, new double[] {-9, 1, 2, 100});
    assertThat(report.rankCorrelation()).isEqualTo(1, within(1e-12));
    assertThat(report.pearson()).isLessThan(0.9);
  }

  @Test
  void theCorrelationWithAConstantIsUndefined() {
    ApproximationReport report = report(new double[] {1, 2, 3}, new double[] {5, 5, 5});
    assertThat(report.pearson()).isNaN();
    assertThat(report.rankCorrelation()).isNaN();
    assertThat(report.text()).contains("Pearson correlation undefined, rank correlation undefined");
    assertThat(report(new double[] {1}, new double[] {2}).pearson()).isNaN();
  }

  @Test
  void whatWasNotMeasuredIsLeftOut() {
    ApproximationReport report = report(new double[] {1, 2, 9, 3}, new double[] {2, 4, ABSENT, 6});
    assertThat(report.pearson()).isEqualTo(1, within(1e-12));
    assertThat(report.difference().values()).containsExactly(-1, -2, ABSENT, -3);
    assertThat(report.worst(10)).hasSize(3);
    assertThat(report.text()).contains("3 patches");
  }

  @Test
  void theWorstEstimatesComeFirst() {
    ApproximationReport report = report(new double[] {1, 2, 3}, new double[] {1.5, 2, 1});
    assertThat(report.worst(2))
        .containsExactly(
            new ApproximationReport.Departure(List.of("2"), 3, 1),
            new ApproximationReport.Departure(List.of("0"), 1, 1.5));
    assertThatIllegalArgumentException().isThrownBy(() -> report.worst(-1));
  }

  @Test
  void theTextHasAWholeTable() {
    assertThat(report(new double[] {1, 2, 3}, new double[] {1.5, 2, 1}).text())
        .isEqualTo(
            """
            the estimate
            against the truth, in logits
            3 patches, Pearson correlation -0.5000, rank correlation -0.5000

            head    estimated     measured
            2          3.0000       1.0000
            0          1.0000       1.5000
            1          2.0000       2.0000
            """);
  }

  @Test
  void theNumbersShareAFile(@TempDir Path folder) throws IOException {
    ApproximationReport report = report(new double[] {1, 2}, new double[] {3, 5});
    Path file = folder.resolve("report.csv");
    ArrayFiles.writeCsv(file, report.arrays());
    assertThat(Files.readAllLines(file))
        .contains("the estimate,0,1.0", "the truth,1,5.0", "estimated - measured,1,-3.0");
  }

  @Test
  void aReportOfTwoAxesHasHeatmapsInTheSameColours() {
    List<Axis> axes = List.of(Axis.numbered("layer", 1), Axis.numbered("head", 2));
    ApproximationReport report =
        new ApproximationReport(
            LabelledArray.of("the estimate", "logits", axes, 1, 2),
            LabelledArray.of("the truth", "logits", axes, 1, -7));
    assertThat(report.sections()).hasSize(2);
    assertThat(report.sections().get(1))
        .isInstanceOfSatisfying(
            ReportSection.Heatmaps.class,
            maps -> {
              assertThat(maps.maps()).hasSize(2);
              assertThat(maps.maps()).allMatch(map -> map.scale().high() == 7);
            });
    assertThat(new HtmlReport("Report", Map.of(), report.sections()).html())
        .contains("the estimate", "the truth");
    assertThat(report(new double[] {1}, new double[] {2}).sections()).hasSize(1);
  }

  @Test
  void effectsOfDifferentPatchesAreRefused() {
    LabelledArray two = LabelledArray.of("a", "", List.of(Axis.numbered("head", 2)), 1, 2);
    LabelledArray three = LabelledArray.of("b", "", List.of(Axis.numbered("head", 3)), 1, 2, 3);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ApproximationReport(two, three))
        .withMessageContaining("a[head=2] and b[head=3]");
  }
}
