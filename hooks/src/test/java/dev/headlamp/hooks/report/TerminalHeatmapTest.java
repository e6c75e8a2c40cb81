package dev.headlamp.hooks.report;

import static dev.headlamp.hooks.report.LabelledArray.ABSENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TerminalHeatmapTest {

  private static final TerminalHeatmap PLAIN = new TerminalHeatmap(ColorMode.NONE, 80);

  private static Heatmap small() {
    return Heatmap.of(
        LabelledArray.of(
            "Heads",
            "restored",
            List.of(Axis.numbered("layer", 2), Axis.of("head", "a", "b", "c")),
            0.5,
            -0.25,
            ABSENT,
            -0.0001,
            1,
            0));
  }

  private static Heatmap wide(int columns, double... pattern) {
    double[] values =
        IntStream.range(0, columns).mapToDouble(i -> pattern[i % pattern.length]).toArray();
    return Heatmap.of(
        LabelledArray.of(
            "Wide", "", List.of(Axis.of("layer", "0"), Axis.numbered("head", columns)), values));
  }

  private static String withoutColors(String text) {
    return text.replaceAll("\u001b\\[[0-9;]*m", "");
  }

  @Test
  void aPlainTableIsAlignedText() {
    assertThat(PLAIN.render(small()))
        .isEqualTo(
            """
            Heads
            layer x head: restored

            layer      a      b      c
            0      0.500 -0.250      .
            1      0.000  1.000  0.000
            """);
  }

  @Test
  void coloursChangeNothingButColours() {
    for (ColorMode mode : ColorMode.values()) {
      String coloured = new TerminalHeatmap(mode, 80).render(small());
      assertThat(withoutColors(coloured)).isEqualTo(PLAIN.render(small()));
    }
  }

  @Test
  void trueColourPaintsTheCellInTheColourOfTheScale() {
    String table = new TerminalHeatmap(ColorMode.TRUECOLOR, 80).render(small());

    // 1 is the high end, 0x053061; 0 is the white, 0xf7f7f7.
    assertThat(table).contains("\u001b[48;2;5;48;97;38;2;255;255;255m  1.000\u001b[0m");
    assertThat(table).contains("\u001b[48;2;247;247;247;38;2;0;0;0m  0.000\u001b[0m");
  }

  @Test
  void the256ColoursAreTheNearestOfXterm() {
    assertThat(ColorMode.nearest256(0x000000)).isEqualTo(16);
    assertThat(ColorMode.nearest256(0xffffff)).isEqualTo(231);
    assertThat(ColorMode.nearest256(0xff0000)).isEqualTo(196);
    assertThat(ColorMode.nearest256(0x5f87af)).isEqualTo(67);
    assertThat(ColorMode.nearest256(0x808080)).isEqualTo(244);
    assertThat(new TerminalHeatmap(ColorMode.ANSI256, 80).render(small())).contains("\u001b[48;5;");
  }

  @Test
  void aNarrowerTerminalGetsFewerDigits() {
    Heatmap map = wide(12, 1.2341, -0.5);

    assertThat(new TerminalHeatmap(ColorMode.NONE, 90).render(map)).contains(" 1.234 -0.500");
    assertThat(new TerminalHeatmap(ColorMode.NONE, 80).render(map)).contains(" 1.23 -0.50");
    assertThat(new TerminalHeatmap(ColorMode.NONE, 70).render(map)).contains(" 1.2 -0.5");
  }

  @Test
  void columnsThatDoNotFitAreWrittenBelowInGroups() {
    String table = new TerminalHeatmap(ColorMode.NONE, 40).render(wide(24, 0.25));

    assertThat(table.lines()).allMatch(line -> line.length() <= 40);
    assertThat(table.lines().filter(line -> line.startsWith("layer  "))).hasSize(4);
    assertThat(table.split("0\\.25", -1)).hasSize(24 + 1);
  }

  @Test
  void evenTheNarrowestTerminalIsNotOverrun() {
    Axis layer = Axis.of("layer", "a label far too long for its place");
    Axis head = Axis.of("head", "another label that is too long", "b");
    LabelledArray array = LabelledArray.of("T", "", List.of(layer, head), -999_999.4, 1);

    String table = new TerminalHeatmap(ColorMode.NONE, 24).render(Heatmap.of(array));

    assertThat(table.lines()).allMatch(line -> line.length() <= 24);
    assertThat(table).contains("-999999.40");
  }

  @Test
  void numbersTooSmallOrTooLargeForDigitsAreWrittenAsPowers() {
    assertThat(PLAIN.render(wide(2, 1.25e-9, 0))).contains("1.3e-09 0.0e+00");
    assertThat(PLAIN.render(wide(2, -2.5e12, 1))).contains("-2.5e+12  1.0e+00");
    assertThat(PLAIN.render(wide(2, Double.NEGATIVE_INFINITY, 1))).contains("-inf 1.000");
  }

  @Test
  void longLabelsAreShortenedAndCursorMovesAreEscaped() {
    Axis tokens = Axis.of("token", "0: '<|endoftext|>'", "1: '\n'", "2: '\u001b[2J'", "3: '東京'");
    String table =
        PLAIN.render(
            Heatmap.of(LabelledArray.of("T", "", List.of(Axis.of("l", "0"), tokens), 1, 2, 3, 4)));

    assertThat(table).contains("l 0: '<|en..").contains("1: '\\n'").contains("2: '\\u{1..");
    assertThat(table).doesNotContain("\u001b");
    // Nine columns of a cell's eleven, for two of the characters are two columns wide.
    assertThat(table).contains("1..  3: '東京'\n");
  }

  @Test
  void theTableDoesNotDependOnTheLanguageOfTheMachine() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.GERMANY);
      assertThat(PLAIN.render(small())).contains("0.500 -0.250");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void aTerminalTooNarrowForAnyTableIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TerminalHeatmap(ColorMode.NONE, 23))
        .withMessageContaining("at least 24 columns, got 23");
  }
}
