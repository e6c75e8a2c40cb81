package dev.headlamp.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.Gpt2Config;
import dev.headlamp.engine.HookPoint;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The table of {@code docs/hook-points.md} against the code's. */
class HookPointsPageTest {

  @Test
  void theTableIsThatOfTheCode() throws IOException {
    String page = Documents.text("docs/hook-points.md");
    String expected =
        """
        | Name | Short | Axes | Kept by default | What is held |
        |---|---|---|---|---|
        """
            + Arrays.stream(Activation.values())
                .map(HookPointsPageTest::row)
                .collect(Collectors.joining());

    assertThat(Documents.between(page, "<!-- points -->", "<!-- /points -->")).isEqualTo(expected);
  }

  @ParameterizedTest
  @EnumSource(Activation.class)
  void theShortNameOfTheTableIsUnderstood(Activation activation) {
    String name = shortName(activation).replace("{l}", "3");

    assertThat(HookPoint.parse(name, Gpt2Config.gpt2()).activation()).isEqualTo(activation);
  }

  private static String row(Activation activation) {
    return "| `%s` | `%s` | `%s` | %s | %s |%n"
        .formatted(
            activation.nameTemplate(),
            shortName(activation),
            activation.shapeText(),
            activation.cachedByDefault() ? "yes" : "no",
            activation.meaning());
  }

  private static String shortName(Activation activation) {
    if (!activation.perLayer()) {
      return activation.nameTemplate();
    }
    return switch (activation) {
      case LN1_SCALE, LN1_NORMALIZED -> activation.shortName() + "{l}ln1";
      case LN2_SCALE, LN2_NORMALIZED -> activation.shortName() + "{l}ln2";
      default -> activation.shortName() + "{l}";
    };
  }
}
