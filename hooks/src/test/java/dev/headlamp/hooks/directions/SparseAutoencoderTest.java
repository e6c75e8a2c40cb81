package dev.headlamp.hooks.directions;

import static dev.headlamp.hooks.References.values;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.headlamp.weights.CheckpointFormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** An autoencoder whose numbers are worked out by hand: x = (2, 3). */
class SparseAutoencoderTest {

  @TempDir Path folder;

  private SparseAutoencoder autoencoder(AutoencoderTensors tensors) throws IOException {
    return SparseAutoencoder.read(Example.autoencoder(folder), tensors);
  }

  @Test
  void theEncoderReadsTheVector() throws IOException {
    try (SparseAutoencoder autoencoder = autoencoder(AutoencoderTensors.standard());
        Reconstruction x = autoencoder.reconstruct(Example.X)) {
      assertThat(autoencoder.width()).isEqualTo(2);
      assertThat(autoencoder.featureCount()).isEqualTo(3);
      assertThat(x.features().shape()).containsExactly(1, 1, 3);
      assertThat(values(x.features())).containsExactly(2, 3 - 1, 5);
      assertThat(values(x.explained())).containsExactly(2 + 2.5 + 1, 2 * 2 + 2.5 - 1);
      assertThat(values(x.error())).containsExactly(2 - 5.5, 3 - 5.5);
    }
  }

  @Test
  void theDecoderBiasIsSubtractedBeforeWhereSaid() throws IOException {
    try (SparseAutoencoder autoencoder =
            autoencoder(AutoencoderTensors.standard().subtractingDecoderBias());
        Reconstruction x = autoencoder.reconstruct(Example.X)) {
      // The encoder reads (2 - 1, 3 + 1).
      assertThat(values(x.features())).containsExactly(1, 4 - 1, 5);
      assertThat(values(x.explained())).containsExactly(1 + 2.5 + 1, 3 * 2 + 2.5 - 1);
    }
  }

  @Test
  void whatIsBelowZeroIsZero() throws IOException {
    try (SparseAutoencoder autoencoder = autoencoder(AutoencoderTensors.standard())) {
      INDArray negative = Nd4j.createFromArray(new float[][] {{-4, 3}});

      INDArray features = autoencoder.encode(negative);

      assertThat(features.dataType()).isEqualTo(DataType.FLOAT);
      assertThat(values(features)).containsExactly(0, 2, 0);
    }
  }

  @Test
  void whatIsNotAboveItsThresholdIsZero() throws IOException {
    INDArray thresholds = Nd4j.createFromArray(2f, 1f, 5f);
    Path jumps = Example.autoencoder(folder, Map.of("threshold", thresholds, "other", thresholds));
    for (AutoencoderTensors tensors :
        new AutoencoderTensors[] {
          AutoencoderTensors.standard(), AutoencoderTensors.standard().withThreshold("other")
        }) {
      try (SparseAutoencoder autoencoder = SparseAutoencoder.read(jumps, tensors)) {
        assertThat(values(autoencoder.encode(Example.X))).containsExactly(0, 2, 0);
      }
    }
  }

  @Test
  void aValueThatIsNoNumberIsNotHidden() throws IOException {
    try (SparseAutoencoder autoencoder = autoencoder(AutoencoderTensors.standard())) {
      double[] features =
          values(autoencoder.encode(Nd4j.createFromArray(new double[][] {{Double.NaN, 3}})));

      assertThat(features).contains(Double.NaN);
    }
  }

  @Test
  void decodingIsTheOtherHalf() throws IOException {
    try (SparseAutoencoder autoencoder = autoencoder(AutoencoderTensors.standard())) {
      INDArray features = Nd4j.createFromArray(new double[][] {{0, 0, 0}, {1, 0, 2}});

      assertThat(values(autoencoder.decode(features))).containsExactly(1, -1, 3, 0);
      assertThat(values(autoencoder.decoderDirections(1, 2).project(Example.X)))
          .containsExactly(6, 2.5);
    }
  }

  @Test
  void layersOfPyTorchAreTheSameTheOtherWayRound() throws IOException {
    Path file =
        Example.write(
            folder.resolve("layers.safetensors"),
            Map.of(
                "encoder.weight",
                Nd4j.createFromArray(new float[][] {{1, 0}, {0, 1}, {1, 1}}),
                "encoder.bias",
                Nd4j.createFromArray(0f, -1f, 0f),
                "decoder.weight",
                Nd4j.createFromArray(new float[][] {{1, 0, 0.5f}, {0, 2, 0.5f}}),
                "decoder.bias",
                Nd4j.createFromArray(1f, -1f)));
    try (SparseAutoencoder autoencoder =
            SparseAutoencoder.read(file, AutoencoderTensors.linearLayers(), DataType.DOUBLE);
        Reconstruction x = autoencoder.reconstruct(Example.X)) {
      assertThat(values(x.features())).containsExactly(2, 2, 5);
      assertThat(values(x.explained())).containsExactly(5.5, 5.5);
    }
  }

  @Test
  void filesWhoseTensorsDoNotFitAreRefusedByName() throws IOException {
    AutoencoderTensors standard = AutoencoderTensors.standard();
    Path encoder = Example.autoencoder(folder, Map.of("W_enc", Nd4j.ones(3, 2)));
    assertThatExceptionOfType(CheckpointFormatException.class)
        .isThrownBy(() -> SparseAutoencoder.read(encoder, standard))
        .withMessageContainingAll("sae.safetensors", "tensor b_enc", "expected [2]", "found [3]");

    Path decoder = Example.autoencoder(folder, Map.of("W_dec", Nd4j.ones(2, 3)));
    assertThatExceptionOfType(CheckpointFormatException.class)
        .isThrownBy(() -> SparseAutoencoder.read(decoder, standard))
        .withMessageContainingAll("tensor W_dec", "expected [3, 2]", "found [2, 3]");

    Path vector = Example.autoencoder(folder, Map.of("W_enc", Nd4j.ones(DataType.FLOAT, 6)));
    assertThatExceptionOfType(CheckpointFormatException.class)
        .isThrownBy(() -> SparseAutoencoder.read(vector, standard))
        .withMessageContainingAll("tensor W_enc", "expected [d, feature]");

    Path whole = Example.autoencoder(folder);
    assertThatExceptionOfType(CheckpointFormatException.class)
        .isThrownBy(() -> SparseAutoencoder.read(whole, standard.withThreshold("log_threshold")))
        .withMessageContaining("tensor log_threshold");
    assertThatExceptionOfType(CheckpointFormatException.class)
        .isThrownBy(() -> SparseAutoencoder.read(whole, AutoencoderTensors.linearLayers()))
        .withMessageContaining("tensor encoder.weight");
  }

  @Test
  void vectorsAndFeaturesThatDoNotFitAreRefused() throws IOException {
    try (SparseAutoencoder autoencoder = autoencoder(AutoencoderTensors.standard())) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> autoencoder.encode(Nd4j.ones(1, 3)))
          .withMessageEndingWith(
              "sae.safetensors, tensor W_enc reads vectors of 2 entries, not those of an array FLOAT [1, 3]");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> autoencoder.decode(Nd4j.ones(1, 2)))
          .withMessageContaining("vectors of 3 entries");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> FeatureHooks.ablate(autoencoder, 0, 3))
          .withMessageEndingWith("feature 3 is out of range: there are features 0 to 2");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> FeatureHooks.ablate(autoencoder, 1, 1))
          .withMessageContaining("a feature is named twice");
    }
  }

  @Test
  void aClosedAutoencoderSaysSo() throws IOException {
    SparseAutoencoder autoencoder = autoencoder(AutoencoderTensors.standard());
    autoencoder.close();
    autoencoder.close();

    assertThatIllegalStateException()
        .isThrownBy(() -> autoencoder.encode(Example.X))
        .withMessageEndingWith("tensor W_enc is closed");
    assertThatIllegalStateException().isThrownBy(() -> FeatureHooks.ablate(autoencoder, 0));
  }
}
