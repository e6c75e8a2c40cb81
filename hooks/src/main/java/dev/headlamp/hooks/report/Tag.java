package dev.headlamp.hooks.report;

/**
 * An element of HTML or SVG under construction, for a {@link Figure} of your own; what it is given
 * is escaped unless it is markup already.
 */
public final class Tag {

  private final String name;
  private final StringBuilder start;

  /** Starts an element. */
  public Tag(String name) {
    this.name = name;
    this.start = new StringBuilder("<").append(name);
  }

  /** Adds an attribute. */
  public Tag with(String attribute, Object value) {
    start.append(' ').append(attribute).append("=\"");
    start.append(Html.escaped(value.toString())).append('"');
    return this;
  }

  /** Returns the element with nothing inside. */
  public String empty() {
    return start + "/>";
  }

  /** Returns the element around a text. */
  public String text(String text) {
    return around(Html.escaped(text));
  }

  /** Returns the element around other markup. */
  public String around(String markup) {
    return start + ">" + markup + "</" + name + ">";
  }
}
