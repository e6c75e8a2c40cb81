package dev.headlamp.hooks.directions;

import static dev.headlamp.hooks.References.values;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.headlamp.weights.CheckpointFormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Reading a probe, and reading with it. */
class DirectionsTest {

  @TempDir Path folder;
  private Path probe;

  @BeforeEach
  void writeAProbe() throws IOException {
    probe =
        Example.write(
            folder.resolve("probe.safetensors"),
            Map.of(
                "weight",
                Nd4j.createFromArray(new float[][] {{3, 4}, {0, -1}}),
                "bias",
                Nd4j.createFromArray(10f, 1f),
                "one",
                Nd4j.createFromArray(1f, 1f),
                "cube",
                Nd4j.ones(2, 2, 2),
                "zero",
                Nd4j.zeros(1, 2),
                "gap",
                Nd4j.createFromArray(new float[][] {{1, 1}, {Float.NaN, 1}})));
  }

  @Test
  void aScoreIsTheDotProductAndTheBias() throws IOException {
    Directions directions = Directions.read(probe, "weight", "bias");

    INDArray scores = directions.project(Example.X);

    assertThat(scores.shape()).containsExactly(1, 1, 2);
    assertThat(values(scores)).containsExactly(3 * 2 + 4 * 3 + 10, -3 + 1);
    assertThat(values(Directions.read(probe, "weight").project(Example.X))).containsExactly(18, -3);
  }

  @Test
  void oneDirectionNeedsNoMatrix() throws IOException {
    Directions one = Directions.read(probe, "one");

    assertThat(one.count()).isEqualTo(1);
    assertThat(values(one.project(Example.X))).containsExactly(5);
  }

  @Test
  void aNormalisedScoreIsADistance() throws IOException {
    Directions unit = Directions.read(probe, "weight", "bias").normalised();

    assertThat(values(unit.project(Example.X)))
        .containsExactly(new double[] {5.6, -2}, within(1e-12));
  }

  @Test
  void someDirectionsKeepTheirBiases() throws IOException {
    Directions second = Directions.read(probe, "weight", "bias").only(1, 0);

    assertThat(values(second.project(Example.X))).containsExactly(-2, 28);
  }

  @Test
  void aFileThatHoldsNoDirectionsIsRefusedByName() {
    assertThatExceptionOfType(CheckpointFormatException.class)
        .isThrownBy(() -> Directions.read(probe, "wieght"))
        .withMessageContainingAll("probe.safetensors", "tensor wieght");
    assertThatExceptionOfType(CheckpointFormatException.class)
        .isThrownBy(() -> Directions.read(probe, "cube"))
        .withMessageContainingAll("tensor cube", "[d], or [n, d]", "[2, 2, 2]");
    assertThatExceptionOfType(CheckpointFormatException.class)
        .isThrownBy(() -> Directions.read(probe, "one", "bias"))
        .withMessageContainingAll("tensor bias", "expected [1]", "found [2]");
  }

  @Test
  void directionsThatPointNowhereAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Directions.read(probe, "zero"))
        .withMessageEndingWith("probe.safetensors, tensor zero: direction 0 is 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Directions.read(probe, "gap"))
        .withMessageEndingWith("tensor gap: direction 1 is not finite");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Directions.of("mine"))
        .withMessage("mine: at least one direction is needed");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Directions.of("mine", new double[] {1, 2}, new double[] {1}))
        .withMessage("mine: direction 1 has 1 entries, direction 0 has 2");
  }

  @Test
  void whatDoesNotFitIsRefused() throws IOException {
    Directions directions = Directions.read(probe, "weight");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> directions.project(Nd4j.ones(1, 1, 3)))
        .withMessageEndingWith(
            "tensor weight reads vectors of 2 entries, not those of an array FLOAT [1, 1, 3]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> directions.project(Nd4j.createFromArray(new int[][] {{1, 2}})))
        .withMessageContaining("an array INT [1, 2]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> directions.only(0, 2))
        .withMessageEndingWith("direction 2 is out of range: there are directions 0 to 1");
  }
}
