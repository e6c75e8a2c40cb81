package dev.headlamp.hooks.directions;

import dev.headlamp.weights.SafetensorsFile;
import java.io.IOException;
import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Reads an autoencoder, holding its tensors to one another's shapes. */
final class AutoencoderReader {

  private static final String THRESHOLD = "threshold";

  private final SafetensorsFile file;
  private final Tensors tensors;
  private final AutoencoderTensors names;
  private final DataType type;

  AutoencoderReader(SafetensorsFile file, AutoencoderTensors names, DataType type) {
    this.file = file;
    this.tensors = new Tensors(file);
    this.names = names;
    this.type = type;
  }

  @SuppressWarnings("try") // The scope is used by being open.
  SparseAutoencoder read() throws IOException {
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      INDArray encoder = weight(names.encoder(), "[d, feature]");
      try {
        return read(encoder);
      } catch (IOException | RuntimeException | Error e) {
        encoder.close();
        throw e;
      }
    }
  }

  private SparseAutoencoder read(INDArray encoder) throws IOException {
    long width = encoder.size(0);
    long features = encoder.size(1);
    double[] encoderBias = tensors.vector(names.encoderBias(), features);
    double[] decoderBias = tensors.vector(names.decoderBias(), width);
    double[] thresholds = thresholds(features);
    if (names.subtractsDecoderBias()) {
      subtractFromInput(decoderBias, encoder, encoderBias);
    }
    INDArray decoder = weight(names.decoder(), "[feature, d]");
    if (decoder.size(0) != features || decoder.size(1) != width) {
      long[] shape = file.info(names.decoder()).dimensions();
      decoder.close();
      long[] expected =
          names.perOutput() ? new long[] {width, features} : new long[] {features, width};
      throw tensors.wrong(names.decoder(), Arrays.toString(expected), shape);
    }
    String name = tensors.place(names.encoder());
    return new SparseAutoencoder(name, encoder, decoder, encoderBias, decoderBias, thresholds);
  }

  /** Returns a weight with a row for each input, whichever way round the file has it. */
  private INDArray weight(String name, String axes) throws IOException {
    INDArray stored = tensors.matrix(name, type, axes);
    if (!names.perOutput()) {
      return stored;
    }
    try (stored) {
      return stored.transpose().dup('c');
    }
  }

  private double[] thresholds(long features) throws IOException {
    if (names.threshold().isPresent()) {
      return tensors.vector(names.threshold().get(), features);
    }
    return file.has(THRESHOLD)
        ? tensors.vector(THRESHOLD, features)
        : new double[Math.toIntExact(features)];
  }

  /** Makes of {@code (x − b_dec) W + b} the equal {@code x W + (b − b_dec W)}. */
  private static void subtractFromInput(
      double[] decoderBias, INDArray encoder, double[] encoderBias) {
    try (INDArray doubles = Nd4j.createFromArray(new double[][] {decoderBias});
        INDArray row = Nd4j.createUninitialized(encoder.dataType(), doubles.shape(), 'c');
        INDArray product = row.assign(doubles).mmul(encoder)) {
      Arrays.setAll(encoderBias, i -> encoderBias[i] - product.getDouble(0, i));
    }
  }
}
