package dev.headlamp.hooks.report.attention;

import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Takes one prompt out of the patterns of a layer. */
final class PatternsOfLayer {

  private PatternsOfLayer() {}

  /**
   * Returns {@code [head, dest_pos, src_pos]}.
   *
   * @param layer {@code [batch, head, dest_pos, src_pos]}, borrowed
   */
  static LabelledArray read(INDArray layer, int prompt, List<String> tokens) {
    int length = tokens.size();
    if (layer.rank() != 4
        || prompt < 0
        || prompt >= layer.size(0)
        || length == 0
        || length > layer.size(2)
        || length > layer.size(3)) {
      throw new IllegalArgumentException(
          "patterns %s are not [batch, head, dest_pos, src_pos] with a prompt %d of %d tokens"
              .formatted(Arrays.toString(layer.shape()), prompt, length));
    }
    INDArray part =
        layer.get(
            NDArrayIndex.point(prompt),
            NDArrayIndex.all(),
            NDArrayIndex.interval(0, length),
            NDArrayIndex.interval(0, length));
    Axis heads = Axis.numbered("head", Math.toIntExact(layer.size(1)));
    List<Axis> axes =
        List.of(heads, Axis.positions("dest_pos", tokens), Axis.positions("src_pos", tokens));
    return LabelledArray.of("attention pattern", "", axes, part.reshape(part.shape()));
  }
}
