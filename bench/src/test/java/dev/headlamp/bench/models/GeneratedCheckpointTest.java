package dev.headlamp.bench.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.engine.Gpt2;
import dev.headlamp.engine.Gpt2Config;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;

class GeneratedCheckpointTest {

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource(names = {"FLOAT", "HALF", "BFLOAT16"})
  void whatIsWrittenLoadsAsAModelOfTheShape(DataType stored) throws IOException {
    Gpt2Config shape = Gpt2Config.ofSize("small", 3, 2, 8, 16, 50);
    new GeneratedCheckpoint(shape, stored, 4).write(folder);
    try (Gpt2 model = Gpt2.load(folder)) {
      assertThat(model.config().nLayers()).isEqualTo(3);
      assertThat(model.config().dVocab()).isEqualTo(50);
      assertThat(model.weights().blocks().get(2).wOut().getDouble(31, 7))
          .isCloseTo(0.01, within(1e-4));
    }
  }

  @Test
  void oneFileLoadsAsWell() throws IOException {
    Gpt2Config shape = Gpt2Config.ofSize("small", 3, 2, 8, 16, 50);
    new GeneratedCheckpoint(shape, DataType.FLOAT, 1).write(folder);
    try (Gpt2 model = Gpt2.load(folder)) {
      assertThat(model.config().nLayers()).isEqualTo(3);
    }
  }

  @Test
  void gpt2XlHasItsKnownNumberOfParameters() {
    assertThat(new GeneratedCheckpoint(Gpt2Config.gpt2Xl(), DataType.FLOAT, 4).bytes())
        .isEqualTo(4 * 1_557_611_200L);
  }
}
