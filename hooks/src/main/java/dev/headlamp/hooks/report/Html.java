package dev.headlamp.hooks.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** Pieces that every part of a page is made of; for a {@link Figure} of your own. */
public final class Html {

  private Html() {}

  /** Returns {@code text} fit for an element or a quoted attribute. */
  public static String escaped(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '"' -> out.append("&quot;");
        case '\'' -> out.append("&#39;");
        default -> out.append(c);
      }
    }
    return out.toString();
  }

  /** Returns a label fit for the page, its invisible characters written out. */
  public static String label(String label) {
    return escaped(Labels.visible(label));
  }

  /**
   * Returns a text file that lies beside a class: a style sheet or a script.
   *
   * @throws IllegalStateException if there is none
   */
  public static String resource(Class<?> beside, String name) {
    try (InputStream in = beside.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is missing beside " + beside.getName());
      }
      return new String(in.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + name + " beside " + beside.getName(), e);
    }
  }
}
