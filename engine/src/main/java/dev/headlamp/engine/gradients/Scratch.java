package dev.headlamp.engine.gradients;

import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Arrays that are freed together when a stretch of work ends. */
final class Scratch implements AutoCloseable {

  private final List<INDArray> arrays = new ArrayList<>();

  /** Takes over an array that is no view of another; returns it. */
  INDArray keep(INDArray array) {
    arrays.add(array);
    return array;
  }

  @Override
  public void close() {
    arrays.forEach(INDArray::close);
    arrays.clear();
  }
}
