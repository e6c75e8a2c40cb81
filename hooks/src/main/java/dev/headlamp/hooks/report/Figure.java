package dev.headlamp.hooks.report;

import java.util.List;

/**
 * A picture on a page. The ones here are made of plain values; a figure of your own is another
 * implementation.
 *
 * <p>A page may ask for nothing outside it: whatever a figure needs is in its markup, style and
 * script. The page writes the style and script of each kind once, after those of its own, which
 * show the text of {@code data-tip} of the element under the pointer, its first line in bold, and
 * offer {@code headlamp.showTip} and {@code headlamp.hideTip} to scripts.
 */
public interface Figure {

  /** Returns what stands above the picture. */
  String title();

  /** Returns what stands below the title, such as the unit; may be empty. */
  String caption();

  /**
   * Returns the picture as HTML, for the inside of an element {@code figure}.
   *
   * @param id what the names of its elements start with, so that they differ from those of others
   * @throws IllegalArgumentException if a page cannot hold it
   */
  String markup(String id);

  /** Returns the numbers that the page is to keep as JSON; none if the markup holds them. */
  default List<LabelledArray> arrays() {
    return List.of();
  }

  /** Returns CSS; empty if the page's own is enough. */
  default String style() {
    return "";
  }

  /** Returns JavaScript, run when the page has been read; empty if there is none. */
  default String script() {
    return "";
  }
}
