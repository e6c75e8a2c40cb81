package dev.headlamp.hooks.directions;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.Hook;
import dev.headlamp.hooks.HookContext;
import dev.headlamp.hooks.Part;
import dev.headlamp.hooks.References;
import dev.headlamp.weights.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Files and values small enough to be worked out by hand. */
final class Example {

  /** One vector of two entries at one position: {@code [batch, pos, d]}. */
  static final INDArray X = Nd4j.createFromArray(new double[][][] {{{2, 3}}});

  private Example() {}

  /** Returns what a hook makes of {@link #X}. */
  static double[] edited(Hook hook) {
    return References.values(hook.apply(X, contextOf(Activation.RESID_POST)));
  }

  static HookContext contextOf(Activation activation) {
    return new HookContext(
        HookPoint.of(activation, 0), Part.everything(), TokenBatch.of(new int[] {1}), 0);
  }

  /** Writes a file with an autoencoder of two entries and three features. */
  static Path autoencoder(Path folder) throws IOException {
    return autoencoder(folder, Map.of());
  }

  /** Writes the same with other tensors beside it, or in place of its own. */
  static Path autoencoder(Path folder, Map<String, INDArray> others) throws IOException {
    Map<String, INDArray> tensors = new LinkedHashMap<>();
    tensors.put("W_enc", Nd4j.createFromArray(new float[][] {{1, 0, 1}, {0, 1, 1}}));
    tensors.put("b_enc", Nd4j.createFromArray(0f, -1f, 0f));
    tensors.put("W_dec", Nd4j.createFromArray(new float[][] {{1, 0}, {0, 2}, {0.5f, 0.5f}}));
    tensors.put("b_dec", Nd4j.createFromArray(1f, -1f));
    tensors.putAll(others);
    return write(folder.resolve("sae.safetensors"), tensors);
  }

  static Path write(Path file, Map<String, INDArray> tensors) throws IOException {
    SafetensorsWriter.write(file, tensors, Map.of());
    return file;
  }

  /** Returns an orthonormal basis of {@code width} directions, none of them an axis. */
  static double[][] orthonormalBasis(int width) {
    double[] normal = new double[width];
    double square = 0;
    for (int i = 0; i < width; i++) {
      normal[i] = Math.sin(1 + 3 * i);
      square += normal[i] * normal[i];
    }
    // A reflection, I - 2 v vᵀ / |v|², is orthogonal.
    double[][] basis = new double[width][width];
    for (int i = 0; i < width; i++) {
      for (int j = 0; j < width; j++) {
        basis[i][j] = (i == j ? 1 : 0) - 2 * normal[i] * normal[j] / square;
      }
    }
    return basis;
  }
}
