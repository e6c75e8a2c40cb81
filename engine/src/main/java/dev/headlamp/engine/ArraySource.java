package dev.headlamp.engine;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Where runs take the arrays they work with, and give them back to. */
interface ArraySource {

  /** Returns the type of the arrays. */
  DataType type();

  /** Returns a C-ordered array with arbitrary content, which the caller gives back or keeps. */
  INDArray take(long... shape);

  /** Returns a copy, which the caller gives back or keeps. */
  default INDArray copy(INDArray array) {
    INDArray copy = take(array.shape());
    copy.assign(array);
    return copy;
  }

  /** Takes back an array that nobody reads or writes any more. */
  void giveBack(INDArray array);
}
