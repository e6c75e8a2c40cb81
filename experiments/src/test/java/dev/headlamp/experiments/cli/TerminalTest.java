package dev.headlamp.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headlamp.hooks.report.ColorMode;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TerminalTest {

  @Test
  void coloursFollowTheEnvironment() {
    assertThat(Terminal.colors(Map.of())).isEqualTo(ColorMode.NONE);
    assertThat(Terminal.colors(Map.of("TERM", "dumb"))).isEqualTo(ColorMode.NONE);
    assertThat(Terminal.colors(Map.of("TERM", "xterm-256color"))).isEqualTo(ColorMode.ANSI256);
    assertThat(Terminal.colors(Map.of("TERM", "xterm", "COLORTERM", "truecolor")))
        .isEqualTo(ColorMode.TRUECOLOR);
    assertThat(Terminal.colors(Map.of("TERM", "xterm", "COLORTERM", "24bit")))
        .isEqualTo(ColorMode.TRUECOLOR);
  }

  @Test
  void noColorWins() {
    assertThat(Terminal.colors(Map.of("TERM", "xterm", "COLORTERM", "truecolor", "NO_COLOR", "1")))
        .isEqualTo(ColorMode.NONE);
    assertThat(Terminal.colors(Map.of("TERM", "xterm", "NO_COLOR", "")))
        .isEqualTo(ColorMode.ANSI256);
  }

  @Test
  void theWidthIsTheTerminalsAnd80WhereItIsUnknown() {
    assertThat(Terminal.width(Map.of("COLUMNS", "132"))).isEqualTo(132);
    assertThat(Terminal.width(Map.of("COLUMNS", "7"))).isEqualTo(24);
    assertThat(Terminal.width(Map.of("COLUMNS", "0"))).isEqualTo(80);
    assertThat(Terminal.width(Map.of("COLUMNS", "wide"))).isEqualTo(80);
    assertThat(Terminal.width(Map.of())).isEqualTo(80);
  }
}
