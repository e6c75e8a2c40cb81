package dev.headlamp.experiments.enumeration;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.headlamp.engine.Gpt2;
import java.security.MessageDigest;
import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Tells models apart by their weights, whatever they are called. */
public final class ModelHash {

  private ModelHash() {}

  /**
   * Returns the SHA-256 of a model's weights as they are computed with, in hexadecimal: the shape
   * and the values of every array, little-endian float32 or float64. Reads all of them, at some
   * hundred megabytes a second.
   */
  public static String of(Gpt2 model) {
    return Sha256.of(digest -> model.weights().arrays().forEach(array -> add(array, digest)));
  }

  private static void add(INDArray array, MessageDigest digest) {
    digest.update(Arrays.toString(array.shape()).getBytes(UTF_8));
    try (INDArray contiguous = array.dup('c')) {
      digest.update(
          array.dataType() == DataType.DOUBLE
              ? LittleEndian.of(contiguous.data().asDouble())
              : LittleEndian.of(contiguous.data().asFloat()));
    }
  }
}
