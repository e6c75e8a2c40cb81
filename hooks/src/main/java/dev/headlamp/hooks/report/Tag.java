package dev.headlamp.hooks.report;

/** An element under construction; what it is given is escaped unless it is markup already. */
final class Tag {

  private final String name;
  private final StringBuilder start;

  Tag(String name) {
    this.name = name;
    this.start = new StringBuilder("<").append(name);
  }

  /** Adds an attribute. */
  Tag with(String attribute, Object value) {
    start.append(' ').append(attribute).append("=\"");
    start.append(Html.escaped(value.toString())).append('"');
    return this;
  }

  /** Returns the element with nothing inside. */
  String empty() {
    return start + "/>";
  }

  /** Returns the element around a text. */
  String text(String text) {
    return around(Html.escaped(text));
  }

  /** Returns the element around other markup. */
  String around(String markup) {
    return start + ">" + markup + "</" + name + ">";
  }
}
