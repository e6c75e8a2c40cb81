package dev.headlamp.hooks.report;

/** Which colours a terminal shows. */
public enum ColorMode {
  /** None: text only. */
  NONE,
  /** The 256 colours of xterm. */
  ANSI256,
  /** Any colour: 24 bits. */
  TRUECOLOR;

  /**
   * Returns {@code text} on a background of {@code rgb}, in black or white, whichever reads better.
   */
  String on(int rgb, String text) {
    boolean white = ColorScale.isDark(rgb);
    return switch (this) {
      case NONE -> text;
      case ANSI256 -> escaped("48;5;" + nearest256(rgb) + ";38;5;" + (white ? 231 : 16), text);
      case TRUECOLOR -> {
        String background = (rgb >> 16 & 0xff) + ";" + (rgb >> 8 & 0xff) + ";" + (rgb & 0xff);
        String foreground = white ? "255;255;255" : "0;0;0";
        yield escaped("48;2;" + background + ";38;2;" + foreground, text);
      }
    };
  }

  /** Returns {@code text} in bold. */
  String bold(String text) {
    return this == NONE ? text : escaped("1", text);
  }

  private static String escaped(String code, String text) {
    return "\u001b[" + code + "m" + text + "\u001b[0m";
  }

  /** Returns the nearest of xterm's 24 greys (from 232) and 6 x 6 x 6 cube (from 16). */
  static int nearest256(int rgb) {
    int best = 16;
    for (int i = 16; i < 256; i++) {
      if (distance(xterm(i), rgb) < distance(xterm(best), rgb)) {
        best = i;
      }
    }
    return best;
  }

  private static int xterm(int index) {
    if (index >= 232) {
      int grey = 8 + 10 * (index - 232);
      return grey << 16 | grey << 8 | grey;
    }
    int cube = index - 16;
    return level(cube / 36) << 16 | level(cube / 6 % 6) << 8 | level(cube % 6);
  }

  private static int level(int step) {
    return step == 0 ? 0 : 55 + 40 * step;
  }

  private static int distance(int a, int b) {
    int sum = 0;
    for (int shift = 0; shift <= 16; shift += 8) {
      int difference = (a >> shift & 0xff) - (b >> shift & 0xff);
      sum += difference * difference;
    }
    return sum;
  }
}
