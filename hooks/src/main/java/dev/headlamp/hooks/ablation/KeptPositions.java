package dev.headlamp.hooks.ablation;

import dev.headlamp.engine.Activation;
import dev.headlamp.engine.Dim;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.Hook;
import dev.headlamp.hooks.HookContext;
import dev.headlamp.hooks.Positions;
import java.util.Arrays;
import java.util.Objects;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Ablates everywhere but at some positions; see {@link Ablations#exceptAt}. */
final class KeptPositions implements Hook {

  private final Hook ablation;
  private final int[][] positions;

  KeptPositions(Hook ablation, int[][] positions) {
    this.ablation = Objects.requireNonNull(ablation, "ablation");
    this.positions = Arrays.stream(positions).map(int[]::clone).toArray(int[][]::new);
  }

  @Override
  public INDArray apply(INDArray value, HookContext context) {
    check(context);
    int axis = positionAxis(context);
    int outer = product(value, 1, axis);
    int inner = product(value, axis + 1, value.rank());
    int length = context.tokens().length();
    double[] before = Values.of(value);
    double[] after = Values.of(ablation.apply(value, context));
    for (int prompt = 0; prompt < context.tokens().batch(); prompt++) {
      for (int i = 0; i < outer; i++) {
        for (int pos : row(prompt)) {
          int at = ((prompt * outer + i) * length + pos) * inner;
          System.arraycopy(before, at, after, at, inner);
        }
      }
    }
    return Values.array(after, value.shape(), value.dataType());
  }

  private int[] row(int prompt) {
    return positions[positions.length == 1 ? 0 : prompt];
  }

  private static int product(INDArray value, int from, int to) {
    int product = 1;
    for (int axis = from; axis < to; axis++) {
      product = Math.multiplyExact(product, Math.toIntExact(value.size(axis)));
    }
    return product;
  }

  private static int positionAxis(HookContext context) {
    Activation activation = context.point().activation();
    return activation.dims().indexOf(activation.has(Dim.DEST) ? Dim.DEST : Dim.POS);
  }

  private void check(HookContext context) {
    if (!(context.part().positions() instanceof Positions.All)) {
      throw new IllegalArgumentException(
          "an ablation of %s everywhere but at some positions cannot be restricted to others"
              .formatted(context.point()));
    }
    TokenBatch tokens = context.tokens();
    if (positions.length != 1 && positions.length != tokens.batch()) {
      throw new IllegalArgumentException(
          "positions are given for %d prompts, the batch has %d"
              .formatted(positions.length, tokens.batch()));
    }
    for (int[] row : positions) {
      for (int pos : row) {
        if (pos < 0 || pos >= tokens.length()) {
          throw new IllegalArgumentException(
              "position %d is out of range: the batch has positions 0 to %d"
                  .formatted(pos, tokens.length() - 1));
        }
      }
    }
  }
}
