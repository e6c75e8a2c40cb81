package dev.headlamp.weights;

import static dev.headlamp.weights.SafetensorsChecker.rule;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A parser of RFC 8259 by recursive descent, for the checker: strict, and no key twice. */
final class SmallJson {

  /** A number as it is spelled. */
  record Numeral(String digits) {}

  private enum Literal {
    TRUE,
    FALSE,
    NULL
  }

  private static final Pattern NUMBER =
      Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]+)?");

  private final String text;
  private int at;

  SmallJson(String text) {
    this.text = text;
  }

  /** Returns a map, a list, a string, a {@link Numeral} or a literal; breaks a rule otherwise. */
  Object document() {
    Object value = value();
    rule(at == text.length());
    return value;
  }

  private Object value() {
    skipSpace();
    Object value =
        switch (peek()) {
          case '{' -> object();
          case '[' -> list();
          case '"' -> string();
          case 't' -> literal("true", Literal.TRUE);
          case 'f' -> literal("false", Literal.FALSE);
          case 'n' -> literal("null", Literal.NULL);
          default -> number();
        };
    skipSpace();
    return value;
  }

  private Map<String, Object> object() {
    Map<String, Object> fields = new LinkedHashMap<>();
    at++;
    skipSpace();
    if (peek() == '}') {
      at++;
      return fields;
    }
    while (true) {
      skipSpace();
      rule(peek() == '"');
      String name = string();
      skipSpace();
      take(':');
      rule(fields.put(name, value()) == null);
      if (peek() == '}') {
        at++;
        return fields;
      }
      take(',');
    }
  }

  private List<Object> list() {
    List<Object> items = new ArrayList<>();
    at++;
    skipSpace();
    if (peek() == ']') {
      at++;
      return items;
    }
    while (true) {
      items.add(value());
      if (peek() == ']') {
        at++;
        return items;
      }
      take(',');
    }
  }

  private String string() {
    StringBuilder string = new StringBuilder();
    at++;
    while (peek() != '"') {
      rule(peek() >= ' ');
      string.append(peek() == '\\' ? escape() : text.charAt(at++));
    }
    at++;
    for (int i = 0; i < string.length(); i++) {
      boolean pair =
          i + 1 < string.length()
              && Character.isSurrogatePair(string.charAt(i), string.charAt(i + 1));
      rule(pair || !Character.isSurrogate(string.charAt(i)));
      i += pair ? 1 : 0;
    }
    return string.toString();
  }

  private char escape() {
    at++;
    char kind = peek();
    at++;
    return switch (kind) {
      case '"', '\\', '/' -> kind;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> {
        rule(at + 4 <= text.length());
        String digits = text.substring(at, at + 4);
        rule(digits.matches("[0-9a-fA-F]{4}"));
        at += 4;
        yield (char) Integer.parseInt(digits, 16);
      }
      default -> throw new SafetensorsChecker.BrokenRuleException();
    };
  }

  private Numeral number() {
    Matcher number = NUMBER.matcher(text).region(at, text.length());
    rule(number.lookingAt());
    at = number.end();
    return new Numeral(number.group());
  }

  private Literal literal(String spelling, Literal literal) {
    rule(text.startsWith(spelling, at));
    at += spelling.length();
    return literal;
  }

  private void skipSpace() {
    while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private char peek() {
    rule(at < text.length());
    return text.charAt(at);
  }

  private void take(char c) {
    rule(peek() == c);
    at++;
  }
}
