package dev.headlamp.engine;

import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A float32 matrix for every head of every prompt, in an array's memory: rows of numbers that lie
 * side by side.
 *
 * @param array whose memory it is
 * @param start how many floats behind the array's beginning the first matrix begins
 * @param ofPrompt from one prompt's matrices to the next one's, in floats; with a single prompt,
 *     too, what it spans: of smaller steps oneDNN makes a product that takes a hundred times as
 *     long
 * @param ofHead from one head's matrix to the next one's, in floats
 * @param ofRow from one row to the next, in floats
 */
record HeadMatrices(INDArray array, long start, long ofPrompt, long ofHead, long ofRow) {

  /** Returns {@code [pos, d_head]} for every head of {@code [batch, pos, head, d_head]}. */
  static HeadMatrices byPosition(INDArray array) {
    return new HeadMatrices(array, 0, array.stride(0), array.stride(2), array.stride(1));
  }

  /** Returns {@code [dest, src]} for every head of {@code [batch, head, dest, src]}. */
  static HeadMatrices byHead(INDArray array) {
    return new HeadMatrices(array, 0, array.stride(0), array.stride(1), array.stride(2));
  }

  /** Returns the same from a prompt and a row on. */
  HeadMatrices from(long prompt, long row) {
    return new HeadMatrices(
        array, start + (prompt * ofPrompt) + (row * ofRow), ofPrompt, ofHead, ofRow);
  }

  /** Returns where the matrix of one head of one prompt begins. */
  FloatPointer pointer(long prompt, long head) {
    long offset = start + (prompt * ofPrompt) + (head * ofHead);
    return new FloatPointer(array.data().addressPointer()).getPointer(offset);
  }
}
