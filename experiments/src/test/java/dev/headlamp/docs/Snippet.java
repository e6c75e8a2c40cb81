package dev.headlamp.docs;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A piece of Java in a document: a fenced block, or code in a line that ends in a semicolon.
 *
 * @param document path of the document below the root of the checkout
 * @param line its first line there, counted from 1
 * @param code the Java
 */
record Snippet(String document, int line, String code) {

  private static final Pattern TYPE =
      Pattern.compile("(?m)^(?:public |final )*(?:class|record|interface|enum) (\\w+)");
  private static final Pattern INLINE = Pattern.compile("`([^`]+;)`");

  static List<Snippet> in(String document, String text) {
    List<Snippet> snippets = new ArrayList<>();
    List<String> lines = text.lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).startsWith("```")) {
        int end = i + 1;
        while (!lines.get(end).equals("```")) {
          end++;
        }
        if (lines.get(i).equals("```java")) {
          String code = String.join("\n", lines.subList(i + 1, end)) + "\n";
          snippets.add(new Snippet(document, i + 2, code));
        }
        i = end;
      } else {
        Matcher inline = INLINE.matcher(lines.get(i));
        while (inline.find()) {
          snippets.add(new Snippet(document, i + 1, inline.group(1) + "\n"));
        }
      }
    }
    return snippets;
  }

  /** Returns whether this is a whole source file rather than statements. */
  boolean isFile() {
    return TYPE.matcher(code).find();
  }

  /** Returns the name of the first type of a whole source file. */
  String typeName() {
    Matcher type = TYPE.matcher(code);
    if (!type.find()) {
      throw new IllegalStateException(this + " declares no type");
    }
    return type.group(1);
  }

  @Override
  public String toString() {
    return document + ":" + line;
  }
}
