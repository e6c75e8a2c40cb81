package dev.headlamp.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The links in the documents that lead to files of the repository. */
class LinksTest {

  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#\\s]*)(?:#([^)\\s]+))?\\)");
  private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.+)$");

  @Test
  void everyLinkLeadsToAFileAndToAHeadingInIt() throws IOException {
    List<String> broken = new ArrayList<>();
    int checked = 0;
    for (String path : Documents.paths()) {
      Matcher link = LINK.matcher(Documents.text(path));
      while (link.find()) {
        if (!link.group(1).contains("://")) {
          checked++;
          if (!exists(Documents.file(path), link.group(1), link.group(2))) {
            broken.add(path + ": " + link.group());
          }
        }
      }
    }
    assertThat(broken).isEmpty();
    assertThat(checked).isGreaterThan(10);
  }

  private static boolean exists(Path document, String target, @Nullable String anchor)
      throws IOException {
    Path file = target.isEmpty() ? document : document.resolveSibling(target);
    if (!Files.exists(file)) {
      return false;
    }
    return anchor == null
        || HEADING
            .matcher(Files.readString(file))
            .results()
            .anyMatch(heading -> anchorOf(heading.group(1)).equals(anchor));
  }

  /** Returns a heading's anchor as GitHub makes it. */
  private static String anchorOf(String heading) {
    return heading.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-');
  }
}
