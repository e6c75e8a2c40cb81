package dev.headlamp.experiments.enumeration.tables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.experiments.enumeration.Enumeration;
import dev.headlamp.experiments.enumeration.Factor;
import dev.headlamp.experiments.enumeration.PromptChoice;
import dev.headlamp.experiments.enumeration.PromptSpace;
import dev.headlamp.experiments.enumeration.Slice;
import dev.headlamp.experiments.enumeration.Spaces;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The tables against their definitions, one value after the other. */
class TablesTest {

  private static final double ROUNDING = 1e-9;

  private final Enumeration small = random(Spaces.small());

  private static Enumeration random(PromptSpace space) {
    SplittableRandom random = new SplittableRandom(5);
    float[] values = new float[space.rows()];
    for (int row = 0; row < values.length; row++) {
      values[row] = (float) (random.nextDouble() * 10 - 3);
    }
    return new Enumeration(space, values);
  }

  @Test
  void statisticsAreThoseOfTheRowsThatHaveTheProperty() {
    ConditionalMeans means = ConditionalMeans.of(small, Slice.all());
    assertThat(means.rows()).hasSize(3 + 2 + 2 + 4 + 4);
    for (ConditionalMean row : means.rows()) {
      IntPredicate own = i -> small.space().choice(i).of(row.factor()) == row.index();
      assertIs(row.own(), own);
      assertIs(row.rest(), own.negate());
      assertIs(row.all(), i -> true);
      assertThat(row.differenceFromRest())
          .isCloseTo(mean(own) - mean(own.negate()), within(ROUNDING));
      assertThat(row.differenceFromAll()).isCloseTo(mean(own) - mean(i -> true), within(ROUNDING));
    }
  }

  private void assertIs(Statistics statistics, IntPredicate rows) {
    double[] values = values(rows);
    double mean = Arrays.stream(values).average().orElseThrow();
    double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
    assertThat(statistics.count()).isEqualTo(values.length);
    assertThat(statistics.mean()).isCloseTo(mean, within(ROUNDING));
    assertThat(statistics.deviation())
        .isCloseTo(Math.sqrt(squares / (values.length - 1)), within(ROUNDING));
    assertThat(statistics.belowZero())
        .isEqualTo(Arrays.stream(values).filter(v -> v < 0).count())
        .isPositive();
  }

  private double mean(IntPredicate rows) {
    return Arrays.stream(values(rows)).average().orElseThrow();
  }

  private double[] values(IntPredicate rows) {
    return IntStream.range(0, small.values().length)
        .filter(rows)
        .mapToDouble(row -> small.values()[row])
        .toArray();
  }

  @Test
  void aSliceHasTheRowsInWhichItsFactorsAreFixed() {
    Slice slice = Slice.parse(small.space(), List.of("IO=Mary", "place=garden", "template=3"));
    assertIsSlice(slice, c -> c.indirectObject() == 2 && c.place() == 1 && c.template() == 2);
    assertThat(slice.label(small.space())).isEqualTo("template=3, place=garden, IO=Mary");
    assertThat(Statistics.of(small, slice).count()).isEqualTo(2 * 3);
    assertThat(Slice.all().label(small.space())).isEqualTo("all prompts");
    assertThat(ConditionalMeans.of(small, slice).rows())
        .as("the objects and the names that are left")
        .hasSize(2 + 3);
  }

  private void assertIsSlice(Slice slice, Predicate<PromptChoice> definition) {
    double[] expected = values(row -> definition.test(small.space().choice(row)));
    assertThat(Statistics.of(small, slice).mean())
        .isCloseTo(Arrays.stream(expected).average().orElseThrow(), within(ROUNDING));
  }

  @Test
  void aSliceThatCannotBeIsRefused() {
    assertRefused("no condition", "Lisa");
    assertRefused("there is no S 'Nobody'", "S=Nobody");
    assertRefused("prompts do not differ in 'verb'", "verb=gave");
    assertRefused("there is no template '4'", "template=4");
    assertRefused("cannot be two things", "S=Mary", "S=John");
    assertRefused("as both S and IO", "S=Mary", "IO=Mary");
  }

  private void assertRefused(String reason, String... conditions) {
    assertThatThrownBy(() -> Slice.parse(small.space(), List.of(conditions)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void rowsThatWereNotComputedDoNotCount() {
    float[] values = small.values().clone();
    Arrays.fill(values, 0, 100, Float.NaN);
    Statistics statistics = Statistics.of(new Enumeration(small.space(), values), Slice.all());
    double[] rest = values(row -> row >= 100);
    assertThat(statistics.count()).isEqualTo(44);
    assertThat(statistics.mean())
        .isCloseTo(Arrays.stream(rest).average().orElseThrow(), within(ROUNDING));
  }

  @Test
  void theWorstSlicesOfNothingAreNone() {
    float[] nothing = new float[small.space().rows()];
    Arrays.fill(nothing, Float.NaN);
    Enumeration empty = new Enumeration(small.space(), nothing);
    assertThat(WorstSlices.of(empty)).isEmpty();
    assertThat(Statistics.of(empty, Slice.all()).mean()).isNaN();
  }

  @Test
  void aHistogramCountsEveryRowOnce() {
    Histogram histogram = Histogram.of(small, Slice.all(), -2, 6, 16);
    for (int bin = 0; bin < 16; bin++) {
      double low = -2 + bin * 0.5;
      assertThat(histogram.counts().get(bin))
          .isEqualTo(values(i -> small.values()[i] >= low && small.values()[i] < low + 0.5).length);
      assertThat(histogram.middles()[bin]).isEqualTo(low + 0.25);
    }
    assertThat(histogram.outside())
        .isEqualTo(values(i -> small.values()[i] < -2 || small.values()[i] >= 6).length);
    double inside = 1 - histogram.outside() / 144.0;
    assertThat(Arrays.stream(histogram.percentages()).sum())
        .isCloseTo(100 * inside, within(ROUNDING));
  }

  @Test
  @Timeout(60)
  void allNineMillionRowsTakeSecondsAndShowWhoFails() {
    PromptSpace space = PromptSpace.standard();
    int lisa = space.names().indexOf("Lisa");
    int katie = space.names().indexOf("Katie");
    float[] values = new float[space.rows()];
    for (int row = 0; row < values.length; row++) {
      PromptChoice choice = space.choice(row);
      boolean isLisa = choice.subject() == lisa;
      values[row] = isLisa ? choice.indirectObject() == katie ? -1 : 1 : 4;
    }
    Enumeration all = new Enumeration(space, values);
    ConditionalMeans means = ConditionalMeans.of(all, Slice.all());
    assertThat(means.rows()).hasSize(229).hasSize(15 + 8 + 8 + 99 + 99);
    assertThat(means.lowest(Factor.SUBJECT).orElseThrow().label()).isEqualTo("S=Lisa");
    assertThat(means.sorted().get(0).own().mean())
        .as("97 names at 1, Katie at -1")
        .isCloseTo((97 - 1) / 98.0, within(ROUNDING));
    List<Slice> worst = WorstSlices.of(all);
    assertThat(worst)
        .extracting(slice -> slice.label(space))
        .containsExactly("S=Lisa", "S=Lisa, IO=Katie");
    assertThat(Statistics.of(all, worst.get(1))).isEqualTo(new Statistics(960, -1, 0, 960));
    assertThat(Statistics.of(all, Slice.all()).belowZero()).isEqualTo(15 * 64);
  }
}
