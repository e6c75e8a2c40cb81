package dev.headlamp.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java in the documents. */
class SnippetsTest {

  private static final String EXAMPLE =
      "docs/examples/ablation/src/main/java/example/ablation/HeadAblation.java";

  @Test
  void allJavaInTheDocumentsCompiles(@TempDir Path folder) throws IOException {
    SnippetCompiler compiler = SnippetCompiler.asTheGuideSays();
    List<Snippet> snippets = new ArrayList<>(all());
    snippets.removeIf(compiler::isList);

    assertThat(snippets).hasSizeGreaterThan(20);
    assertThat(compiler.compile(snippets, folder)).isEmpty();
  }

  @Test
  void whatDoesNotCompileIsToldWithItsPlace(@TempDir Path folder) throws IOException {
    Snippet wrong = new Snippet("docs/guide.md", 41, "int a = 1;\nint b = model.nonsense();\n");

    assertThat(SnippetCompiler.asTheGuideSays().compile(List.of(wrong), folder))
        .singleElement()
        .asString()
        .startsWith("docs/guide.md:42: ")
        .contains("nonsense");
  }

  @Test
  void theGuideShowsTheExampleProjectAsItIs() throws IOException {
    String example = Documents.text(EXAMPLE);

    assertThat(Snippet.in("docs/guide.md", Documents.text("docs/guide.md")))
        .extracting(Snippet::code)
        .contains(example);
  }

  private static List<Snippet> all() throws IOException {
    List<Snippet> snippets = new ArrayList<>();
    for (String path : Documents.paths()) {
      snippets.addAll(Snippet.in(path, Documents.text(path)));
    }
    return snippets;
  }
}
