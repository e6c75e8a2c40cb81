package dev.headlamp.hooks.lens;

import dev.headlamp.engine.HookPoint;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Writers that each send some entries of an activation through rows of one matrix: the heads of a
 * layer, z through W_O, or its neurons, each one entry through one row of W_out.
 *
 * @param labels the writers' names
 * @param chosen the rows
 * @param activation the point that holds the entries, those of the first writer first
 * @param weights {@code [entries of all writers, d_model]}, borrowed
 */
record WeightedWriters(
    List<String> labels, CachedRows chosen, HookPoint activation, INDArray weights)
    implements Writers {

  @Override
  public void copyTo(INDArray stack) {
    long rows = chosen.count();
    long writers = labels.size();
    long dModel = weights.size(1);
    try (INDArray entries = chosen.of(activation);
        INDArray written =
            Nd4j.createUninitialized(weights.dataType(), new long[] {writers, rows, dModel}, 'c')) {
      Nd4j.matmul(
          entries.reshape('c', rows, writers, width()).permute(1, 0, 2),
          weights.reshape('c', writers, width(), dModel),
          written);
      stack.assign(written.reshape(stack.shape()));
    }
  }

  @Override
  public INDArray sum() {
    try (INDArray entries = chosen.of(activation)) {
      return entries.mmul(weights);
    }
  }

  /** Goes through the weights, so that {@code [writer, row, d_model]} is never made. */
  @Override
  public double[][] along(Directions directions) {
    int rows = chosen.count();
    int width = width();
    int batch = chosen.batch();
    try (INDArray activations = chosen.of(activation);
        INDArray columns = directions.columns(weights.dataType());
        INDArray products = weights.mmul(columns)) {
      double[] entries = Directions.values(activations);
      double[] perEntry = Directions.values(products);
      int entriesOfRow = entries.length / rows;
      double[][] along = new double[labels.size()][rows];
      for (int writer = 0; writer < along.length; writer++) {
        for (int row = 0; row < rows; row++) {
          int prompt = chosen.promptOf(row);
          for (int i = writer * width; i < (writer + 1) * width; i++) {
            along[writer][row] += entries[row * entriesOfRow + i] * perEntry[i * batch + prompt];
          }
        }
      }
      return along;
    }
  }

  /** Returns how many entries each writer has. */
  private int width() {
    return Math.toIntExact(weights.size(0)) / labels.size();
  }
}
