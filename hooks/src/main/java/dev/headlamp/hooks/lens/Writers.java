package dev.headlamp.hooks.lens;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Some of what wrote into the residual stream, at chosen rows of a cached run. */
interface Writers {

  /** Returns the name of each writer. */
  List<String> labels();

  /** Copies what each wrote into {@code [writer, row, d_model]}. */
  void copyTo(INDArray stack);

  /** Returns the sum of what they wrote, {@code [row, d_model]}, new and the caller's. */
  INDArray sum();

  /** Returns what each wrote along the direction of each row's prompt, {@code [writer][row]}. */
  double[][] along(Directions directions);
}
