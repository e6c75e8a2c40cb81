package dev.headlamp.docs;

import dev.headlamp.fixtures.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The Markdown files that are written for users. */
final class Documents {

  private Documents() {}

  /** Returns the file at a path below the root of the checkout. */
  static Path file(String path) {
    return Fixtures.repository().resolve(path);
  }

  static String text(String path) throws IOException {
    return Files.readString(file(path));
  }

  /** Returns the documents' paths below the root of the checkout. */
  static List<String> paths() throws IOException {
    Path root = Fixtures.repository();
    try (Stream<Path> docs = Files.walk(root.resolve("docs"))) {
      return Stream.concat(Stream.of("README.md", "CHANGELOG.md").map(root::resolve), docs)
          .filter(path -> path.toString().endsWith(".md"))
          .map(path -> root.relativize(path).toString().replace('\\', '/'))
          .sorted()
          .toList();
    }
  }

  /** Returns what stands behind a line of a document, up to {@code last}. */
  static String between(String text, String first, String last) {
    int marker = text.indexOf(first + "\n");
    int from = marker + first.length() + 1;
    int to = text.indexOf(last, from);
    if (marker < 0 || to < 0) {
      throw new AssertionError("the markers " + first + " and " + last + " are missing");
    }
    return text.substring(from, to);
  }
}
