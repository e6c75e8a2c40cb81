package dev.headlamp.hooks.report.tokens;

import dev.headlamp.hooks.report.ColorScale;

/** The colours of a piece of text as CSS. */
final class CellColor {

  private CellColor() {}

  /** Returns a background of {@code rgb}, and black or white text, whichever reads better. */
  static String of(int rgb) {
    String text = ColorScale.isDark(rgb) ? "#ffffff" : "#1f2933";
    return "background:" + ColorScale.css(rgb) + ";color:" + text;
  }
}
