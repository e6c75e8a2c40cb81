package dev.headlamp.engine;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.headlamp.fixtures.Fixtures;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;

/** Float32 is as close to float64 as promised, at every point. */
class PrecisionTest {

  @ParameterizedTest
  @ValueSource(strings = {"tiny", "ioi-demo", "odd-shapes-untied", "gpt-neo", "stanford-style"})
  void float32IsCloseToFloat64AtEveryPoint(String fixture) throws IOException {
    TokenBatch tokens = TokenBatch.of(new int[] {5, 17, 60, 3, 42, 0, 8, 33, 9, 66});
    RecordingTap floats = RecordingTap.everything();
    RecordingTap portable = RecordingTap.everything();
    RecordingTap doubles = RecordingTap.everything();
    try (Gpt2 inFloat = Gpt2.load(Fixtures.model(fixture), DataType.FLOAT);
        Gpt2 inDouble = Gpt2.load(Fixtures.model(fixture), DataType.DOUBLE)) {
      inFloat.run(RunSpec.of(tokens).withTap(floats)).close();
      inFloat.onPortableOperations().run(RunSpec.of(tokens).withTap(portable)).close();
      inDouble.run(RunSpec.of(tokens).withTap(doubles)).close();
    }
    compare(fixture + " float32 against float64", doubles, floats);
    compare(fixture + " portable float32 against float64", doubles, portable);
  }

  private static void compare(String subject, RecordingTap expected, RecordingTap actual) {
    Differences differences = new Differences(subject);
    for (HookPoint point : expected.points()) {
      differences.add(point.name(), expected.get(point), actual.get(point));
    }
    differences.assertAtMost(1e-4);
  }

  @Test
  void otherTypesAreRefused() {
    assertThatThrownBy(() -> Gpt2.load(Fixtures.model("tiny"), DataType.BFLOAT16))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a model runs in FLOAT or DOUBLE, not in BFLOAT16");
  }
}
