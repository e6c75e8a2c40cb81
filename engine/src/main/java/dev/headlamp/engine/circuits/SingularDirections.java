package dev.headlamp.engine.circuits;

import dev.headlamp.engine.BlockWeights;
import dev.headlamp.engine.linalg.Svd;
import java.util.Objects;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The directions of the residual stream that a weight matrix reads or writes most strongly: its
 * singular vectors on that side, in float64, strongest first. Their signs are arbitrary, so both
 * ends of a direction mean something.
 *
 * @param strengths singular values: {@code [k]}
 * @param directions of length 1 and orthogonal to each other: {@code [k, d_model]}
 */
public record SingularDirections(INDArray strengths, INDArray directions) {

  /** Returns the d_head directions that a head reads from the positions that it attends to. */
  public static SingularDirections readByOv(HeadWeights head) {
    return left(head.ov().svd());
  }

  /** Returns the d_head directions that a head writes. */
  public static SingularDirections writtenByOv(HeadWeights head) {
    return right(head.ov().svd());
  }

  /** Returns the directions that an MLP reads: the left singular vectors of wIn. */
  public static SingularDirections readByMlp(BlockWeights block) {
    return left(Svd.of(block.wIn()));
  }

  /** Returns the directions that an MLP writes: the right singular vectors of wOut. */
  public static SingularDirections writtenByMlp(BlockWeights block) {
    return right(Svd.of(block.wOut()));
  }

  private static SingularDirections left(Svd svd) {
    return new SingularDirections(svd.s(), svd.u().transpose());
  }

  private static SingularDirections right(Svd svd) {
    return new SingularDirections(svd.s(), svd.v().transpose());
  }

  /** Returns direction {@code index}, {@code [d_model]}: a view. */
  public INDArray direction(int index) {
    return directions.getRow(Objects.checkIndex(index, (int) directions.size(0)));
  }
}
