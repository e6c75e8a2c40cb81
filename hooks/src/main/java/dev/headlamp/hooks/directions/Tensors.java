package dev.headlamp.hooks.directions;

import dev.headlamp.weights.CheckpointFormatException;
import dev.headlamp.weights.SafetensorsFile;
import java.io.IOException;
import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Matrices and vectors of a file, of the shapes they must have. */
final class Tensors {

  private final SafetensorsFile file;

  Tensors(SafetensorsFile file) {
    this.file = file;
  }

  /** Returns what a message calls a tensor. */
  String place(String name) {
    return file.path() + ", tensor " + name;
  }

  /**
   * Reads a matrix.
   *
   * @param axes what its axes are, for the message
   * @return new and the caller's
   * @throws CheckpointFormatException if it is none
   */
  INDArray matrix(String name, DataType type, String axes) throws IOException {
    long[] shape = file.info(name).dimensions();
    if (shape.length != 2 || shape[0] == 0 || shape[1] == 0) {
      throw wrong(name, axes, shape);
    }
    return file.read(name, type);
  }

  /**
   * Reads a vector.
   *
   * @throws CheckpointFormatException if it is none, or of another length
   */
  double[] vector(String name, long length) throws IOException {
    long[] shape = file.info(name).dimensions();
    if (shape.length != 1 || shape[0] != length) {
      throw wrong(name, "[" + length + "]", shape);
    }
    return numbers(name);
  }

  /**
   * Reads one vector, or several as the rows of a matrix.
   *
   * @return {@code [row][entry]}
   * @throws CheckpointFormatException if the tensor is neither
   */
  double[][] vectors(String name) throws IOException {
    long[] shape = file.info(name).dimensions();
    if (shape.length < 1 || shape.length > 2 || Arrays.stream(shape).anyMatch(n -> n == 0)) {
      throw wrong(name, "[d], or [n, d]", shape);
    }
    int width = Math.toIntExact(shape[shape.length - 1]);
    double[] numbers = numbers(name);
    double[][] rows = new double[numbers.length / width][];
    Arrays.setAll(rows, i -> Arrays.copyOfRange(numbers, i * width, (i + 1) * width));
    return rows;
  }

  @SuppressWarnings("try") // The scope is used by being open.
  private double[] numbers(String name) throws IOException {
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces();
        INDArray array = file.read(name, DataType.DOUBLE)) {
      return array.data().asDouble();
    }
  }

  CheckpointFormatException wrong(String name, String expected, long[] found) {
    return new CheckpointFormatException(
        file.path(), "tensor " + name, expected, Arrays.toString(found));
  }
}
