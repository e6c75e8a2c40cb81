package dev.headlamp.weights;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headlamp.fixtures.Fixtures;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class CheckpointTest {

  @Test
  void aSingleFileCheckpointOpens() throws IOException {
    try (Checkpoint checkpoint = Checkpoint.open(Fixtures.model("tiny"));
        INDArray wte = checkpoint.read("wte.weight", DataType.FLOAT, 101, 32)) {
      assertThat(checkpoint.config().integer("n_embd")).isEqualTo(32);
      assertThat(wte.shape()).containsExactly(101, 32);
    }
  }

  @Test
  void aShardedCheckpointOpens() throws IOException {
    try (Checkpoint checkpoint = Checkpoint.open(Fixtures.model("sharded"))) {
      assertThat(checkpoint.names()).hasSize(28).contains("transformer.wte.weight");
    }
  }
}
