package dev.headlamp.engine;

import dev.headlamp.weights.SafetensorsFile;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Reads what the reference files hold. */
public final class References {

  private References() {}

  /** Returns the token ids stored as {@code [batch, pos]}. */
  public static TokenBatch tokens(SafetensorsFile file, String name) throws IOException {
    List<Long> shape = file.info(name).shape();
    int length = Math.toIntExact(shape.get(shape.size() - 1));
    long[] ids = file.readLongs(name);
    int[][] prompts = new int[ids.length / length][];
    for (int b = 0; b < prompts.length; b++) {
      prompts[b] =
          Arrays.stream(ids, b * length, (b + 1) * length).mapToInt(Math::toIntExact).toArray();
    }
    return TokenBatch.of(prompts);
  }

  /** Returns the index of the largest entry of each row. */
  static int[] argmax(INDArray values) {
    return argmax(values.dup('c').data().asDouble(), Math.toIntExact(values.size(-1)));
  }

  private static int[] argmax(double[] values, int width) {
    int[] best = new int[values.length / width];
    for (int row = 0; row < best.length; row++) {
      best[row] = 0;
      for (int i = 1; i < width; i++) {
        if (values[row * width + i] > values[row * width + best[row]]) {
          best[row] = i;
        }
      }
    }
    return best;
  }
}
