package dev.headlamp.hooks.ablation;

import dev.headlamp.engine.HookPoint;
import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.Hook;
import dev.headlamp.hooks.HookContext;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Puts means over the tokens of reference prompts; see {@link Ablations}. */
final class ReferenceMeans implements Hook {

  /** What a mean is of: a group's tokens, all or those at one distance from the aligned end. */
  private record Place(int group, int offset) {}

  private static final int EVERYWHERE = 0;

  private final ReferenceSet reference;
  private final boolean perPosition;
  private final Map<HookPoint, Map<Place, double[]>> means = new ConcurrentHashMap<>();

  ReferenceMeans(ReferenceSet reference, boolean perPosition) {
    this.reference = reference;
    this.perPosition = perPosition;
  }

  @Override
  public INDArray apply(INDArray value, HookContext context) {
    if (perPosition) {
      ReferenceSet.requirePrompts(context);
    }
    // Asked each time, so that a closed cache is refused whether or not the mean is known.
    INDArray values = reference.values(context.point());
    Map<Place, double[]> ofPoint = means.computeIfAbsent(context.point(), point -> of(values));
    return Values.part(
        laidOut(ofPoint, context, Values.width(values)),
        Values.shapeFor(context, values),
        value.dataType(),
        context);
  }

  private Map<Place, double[]> of(INDArray values) {
    TokenBatch tokens = reference.tokens();
    double[] all = Values.of(values);
    int width = Values.width(values);
    Map<Place, double[]> sums = new HashMap<>();
    Map<Place, Integer> counts = new HashMap<>();
    for (int prompt = 0; prompt < tokens.batch(); prompt++) {
      for (int pos = tokens.firstPos(prompt); pos <= tokens.lastPos(prompt); pos++) {
        Place place = place(reference.group(prompt), tokens, prompt, pos);
        double[] sum = sums.computeIfAbsent(place, p -> new double[width]);
        int from = (prompt * tokens.length() + pos) * width;
        for (int i = 0; i < width; i++) {
          sum[i] += all[from + i];
        }
        counts.merge(place, 1, Integer::sum);
      }
    }
    sums.forEach(
        (place, sum) -> {
          for (int i = 0; i < width; i++) {
            sum[i] /= counts.get(place);
          }
        });
    return sums;
  }

  private Place place(int group, TokenBatch tokens, int prompt, int pos) {
    return new Place(group, perPosition ? reference.offset(tokens, prompt, pos) : EVERYWHERE);
  }

  /**
   * Returns the means at the positions that are ablated, {@code [batch, pos, ...]}; 0 elsewhere.
   */
  private double[] laidOut(Map<Place, double[]> ofPoint, HookContext context, int width) {
    TokenBatch tokens = context.tokens();
    int[][] positions = context.part().positions().resolve(tokens);
    double[] whole = new double[tokens.batch() * tokens.length() * width];
    for (int prompt = 0; prompt < tokens.batch(); prompt++) {
      int group = reference.groupOf(prompt, tokens);
      for (int pos : positions[prompt]) {
        if (tokens.isToken(prompt, pos)) {
          double[] mean = ofPoint.get(place(group, tokens, prompt, pos));
          if (mean == null) {
            throw unknown(group, tokens, prompt, pos);
          }
          System.arraycopy(mean, 0, whole, (prompt * tokens.length() + pos) * width, width);
        }
      }
    }
    return whole;
  }

  private IllegalArgumentException unknown(int group, TokenBatch tokens, int prompt, int pos) {
    String where =
        perPosition
            ? ", %d tokens %s,".formatted(reference.offset(tokens, prompt, pos), reference.end())
            : "";
    return new IllegalArgumentException(
        "prompt %d at position %d%s has no mean: no reference prompt%s has a token there"
            .formatted(
                prompt, pos, where, reference.isGrouped() ? " of its group (" + group + ")" : ""));
  }
}
