package dev.headlamp.hooks.report;

import java.util.List;

/** How labels, which may hold any character, are made fit to be shown. */
public final class Labels {

  private Labels() {}

  /** Returns {@code label} with every character that has no visible form of its own escaped. */
  public static String visible(String label) {
    StringBuilder out = new StringBuilder();
    label.codePoints().forEach(c -> out.append(visible(c)));
    return out.toString();
  }

  /** Returns {@link #visible}, cut to at most {@code columns} columns of a terminal. */
  public static String shortened(String label, int columns) {
    String visible = visible(label);
    if (columns(visible) <= columns) {
      return visible;
    }
    String mark = columns > 2 ? ".." : "";
    StringBuilder out = new StringBuilder();
    int left = columns - mark.length();
    for (int c : visible.codePoints().toArray()) {
      left -= columns(c);
      if (left < 0) {
        break;
      }
      out.appendCodePoint(c);
    }
    return out.append(mark).toString();
  }

  /** Returns how many columns of a terminal a visible text takes. */
  public static int columns(String text) {
    return text.codePoints().map(Labels::columns).sum();
  }

  /** Returns the most columns that any of {@code labels} takes once it is visible. */
  public static int widest(List<String> labels) {
    return labels.stream().mapToInt(label -> columns(visible(label))).max().orElse(0);
  }

  private static String visible(int c) {
    return switch (c) {
      case '\n' -> "\\n";
      case '\r' -> "\\r";
      case '\t' -> "\\t";
      default -> hasNoForm(c) ? "\\u{" + Integer.toHexString(c) + "}" : Character.toString(c);
    };
  }

  private static boolean hasNoForm(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED ->
          true;
      default -> false;
    };
  }

  /** Follows Unicode's East Asian Width for the scripts and pictures that terminals draw double. */
  private static int columns(int c) {
    int type = Character.getType(c);
    if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK) {
      return 0;
    }
    boolean wide =
        (c >= 0x1100 && c <= 0x115f)
            || (c >= 0x2e80 && c <= 0xa4cf)
            || (c >= 0xac00 && c <= 0xd7a3)
            || (c >= 0xf900 && c <= 0xfaff)
            || (c >= 0xfe30 && c <= 0xfe6f)
            || (c >= 0xff00 && c <= 0xff60)
            || (c >= 0x1f300 && c <= 0x1faff)
            || (c >= 0x20000 && c <= 0x3fffd);
    return wide ? 2 : 1;
  }
}
