package dev.headlamp.engine.circuits;

import dev.headlamp.engine.Gpt2;
import dev.headlamp.engine.Gpt2Config;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * How strongly heads feed later heads, from the weights alone (Elhage et al., 2021): {@code ‖L·R‖ /
 * (‖L‖·‖R‖)} in Frobenius norms, L the earlier head's OV circuit, and R the later head's QK circuit
 * (Q), that transposed (K), or its OV circuit (V).
 *
 * <p>No such product is formed: with the rotations taken off L's left and R's right, {@code L·R} of
 * all pairs of two layers is one product of matrices {@code [head·d_head, d_model]} and {@code
 * [d_model, head·d_head]}.
 */
public final class CompositionScores {

  /** The circuits of one layer's heads side by side, and the norm of each. */
  private record Side(INDArray stacked, List<Double> norms) {}

  private final Gpt2Config config;
  private final INDArray scores;

  private CompositionScores(Gpt2Config config) {
    this.config = config;
    this.scores =
        Nd4j.create(
            DataType.DOUBLE, config.nLayers(), config.nHeads(), config.nLayers(), config.nHeads());
  }

  /**
   * Returns the score of every pair of heads, {@code [earlier layer, its head, later layer, its
   * head]} in float64, owned by the caller; 0 unless the later layer is later, and where a circuit
   * is 0.
   *
   * @throws IllegalStateException if the model is closed
   */
  public static INDArray of(Gpt2 model, Composition kind) {
    CompositionScores all = new CompositionScores(model.config());
    List<Side> senders = new ArrayList<>();
    for (int layer = 0; layer < model.config().nLayers(); layer++) {
      Side receivers = side(model, layer, 1, head -> kind.receiver(head).collapseRight());
      for (int earlier = 0; earlier < layer; earlier++) {
        all.put(earlier, senders.get(earlier), layer, receivers);
      }
      senders.add(side(model, layer, 0, head -> head.ov().collapseLeft()));
    }
    return all.scores;
  }

  private static Side side(
      Gpt2 model, int layer, int axis, Function<HeadWeights, INDArray> collapsed) {
    List<INDArray> heads = new ArrayList<>();
    for (int head = 0; head < model.config().nHeads(); head++) {
      heads.add(collapsed.apply(HeadWeights.of(model, layer, head)));
    }
    return new Side(
        Nd4j.concat(axis, heads.toArray(new INDArray[0])),
        heads.stream().map(head -> head.norm2Number().doubleValue()).toList());
  }

  private void put(int earlier, Side senders, int later, Side receivers) {
    double[] products = senders.stacked.mmul(receivers.stacked).dup('c').data().asDouble();
    for (int sender = 0; sender < config.nHeads(); sender++) {
      for (int receiver = 0; receiver < config.nHeads(); receiver++) {
        double norms = senders.norms.get(sender) * receivers.norms.get(receiver);
        scores.putScalar(
            new int[] {earlier, sender, later, receiver},
            norms == 0 ? 0 : norm(products, sender, receiver) / norms);
      }
    }
  }

  /** Returns the norm of one pair's block of {@code [head·d_head, head·d_head]}. */
  private double norm(double[] products, int sender, int receiver) {
    int width = config.dHead();
    int stride = config.nHeads() * width;
    double sum = 0;
    for (int row = sender * width; row < (sender + 1) * width; row++) {
      for (int column = receiver * width; column < (receiver + 1) * width; column++) {
        double value = products[row * stride + column];
        sum += value * value;
      }
    }
    return Math.sqrt(sum);
  }
}
