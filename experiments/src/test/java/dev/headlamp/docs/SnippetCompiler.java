package dev.headlamp.docs;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * Compiles snippets against the class path of the tests. Statements become the body of a class's
 * {@code main} that has the imports and the variables which {@code docs/guide.md} lists.
 */
final class SnippetCompiler {

  private final String imports;
  private final String variables;

  private SnippetCompiler(String imports, String variables) {
    this.imports = imports;
    this.variables = variables;
  }

  static SnippetCompiler asTheGuideSays() throws IOException {
    String guide = Documents.text("docs/guide.md");
    return new SnippetCompiler(
        Documents.between(guide, "<!-- imports -->\n```java", "```"),
        Documents.between(guide, "<!-- variables -->\n```java", "```"));
  }

  /** Returns whether a snippet is one of the two lists themselves. */
  boolean isList(Snippet snippet) {
    return snippet.code().equals(imports) || snippet.code().equals(variables);
  }

  /**
   * Compiles snippets into a folder.
   *
   * @return what the compiler has against them, with the place in the document
   */
  List<String> compile(List<Snippet> snippets, Path folder) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
    List<Source> sources = new ArrayList<>();
    for (Snippet snippet : snippets) {
      sources.add(source(snippet, sources.size()));
    }
    try (StandardJavaFileManager files =
        compiler.getStandardFileManager(diagnostics, Locale.ROOT, UTF_8)) {
      List<String> options =
          List.of(
              "-proc:none", "-d", folder.toString(), "-cp", System.getProperty("java.class.path"));
      compiler.getTask(null, files, diagnostics, options, null, sources).call();
    }
    return diagnostics.getDiagnostics().stream()
        .filter(diagnostic -> diagnostic.getKind() == Diagnostic.Kind.ERROR)
        .map(SnippetCompiler::describe)
        .toList();
  }

  /** Returns the name of the class that the n-th of several snippets of statements becomes. */
  static String className(int n) {
    return "Snippet" + n;
  }

  private Source source(Snippet snippet, int n) {
    if (snippet.isFile()) {
      return new Source(snippet.typeName(), snippet, 0, snippet.code());
    }
    String head =
        imports
            + "class %s {\n".formatted(className(n))
            + variables.replaceAll("(?m)^(?=\\w)", "static ")
            + "public static void main(String[] args) throws Exception {\n";
    int headLines = Math.toIntExact(head.lines().count());
    return new Source(className(n), snippet, headLines, head + snippet.code() + "}\n}\n");
  }

  private static String describe(Diagnostic<? extends JavaFileObject> diagnostic) {
    String message = diagnostic.getMessage(Locale.ROOT);
    if (diagnostic.getSource() instanceof Source source) {
      long line = source.snippet.line() + diagnostic.getLineNumber() - 1 - source.headLines;
      return source.snippet.document() + ":" + line + ": " + message;
    }
    return message;
  }

  private static final class Source extends SimpleJavaFileObject {

    private final Snippet snippet;
    private final int headLines;
    private final String text;

    Source(String name, Snippet snippet, int headLines, String text) {
      super(URI.create("memory:///" + name + ".java"), Kind.SOURCE);
      this.snippet = snippet;
      this.headLines = headLines;
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }
}
