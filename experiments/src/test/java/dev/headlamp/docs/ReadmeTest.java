package dev.headlamp.docs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.headlamp.fixtures.Fixtures;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the README promises, and the pages that begin with an example as it does. */
class ReadmeTest {

  private static final String README = "README.md";

  @ParameterizedTest
  @ValueSource(strings = {README, "docs/residual-stream.md", "docs/heads.md"})
  void theFirstLinesOfJavaPrintWhatIsSaidWhenRunInTheCheckout(String document, @TempDir Path folder)
      throws IOException, InterruptedException {
    String text = Documents.text(document);
    Snippet snippet = Snippet.in(document, text).get(0);
    String promised =
        Documents.between(text.substring(text.indexOf(snippet.code())), "```text", "```");

    assertThat(SnippetCompiler.asTheGuideSays().compile(List.of(snippet), folder)).isEmpty();
    assertThat(outputOf(folder, SnippetCompiler.className(0))).isEqualTo(promised);
  }

  @Test
  void itNamesTheVersionsThatTheBuildHas() throws IOException {
    String pom = Documents.text("pom.xml");
    String text = Documents.text(README);

    assertThat(versionOf(text, "headlamp-hooks")).isEqualTo(versionOf(pom, "headlamp-parent"));
    assertThat(versionOf(text, "headlamp-native")).isEqualTo(versionOf(pom, "headlamp-parent"));
  }

  private static String outputOf(Path classes, String mainClass)
      throws IOException, InterruptedException {
    String classPath = classes + File.pathSeparator + System.getProperty("java.class.path");
    File errors = classes.resolve("errors.txt").toFile();
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                classPath,
                mainClass)
            .directory(Fixtures.repository().toFile())
            .redirectError(errors)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(errors.toPath())).isZero();
    return output;
  }

  private static String versionOf(String text, String artifact) {
    return first(text, "<artifactId>" + artifact + "</artifactId>\\s*<version>([^<]+)</version>");
  }

  private static String first(String text, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    assertThat(matcher.find()).as(pattern).isTrue();
    return matcher.group(1);
  }
}
