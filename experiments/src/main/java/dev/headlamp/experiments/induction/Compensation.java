package dev.headlamp.experiments.induction;

import dev.headlamp.hooks.SweepMonitor;
import dev.headlamp.hooks.ablation.AblationTarget;
import dev.headlamp.hooks.report.Axis;
import dev.headlamp.hooks.report.LabelledArray;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Whether components stand in for one another: what ablating each does to the loss, alone and when
 * others are ablated already. Components that do not know of one another would change the loss by
 * the same amount in both cases. What could not be measured because the work was cancelled is
 * {@link LabelledArray#ABSENT}.
 *
 * @param components what was ablated
 * @param intact the loss with nothing ablated
 * @param together the rise of the loss with all components ablated
 * @param effects {@code [component, quantity]}, rises of the loss: {@link #ALONE}, {@link
 *     #OTHERS_IT_INTACT}, {@link #OTHERS_IT_ABLATED}
 * @param pairs {@code [ablated before, ablated then]}: the rise when a second component is ablated
 *     besides the first; on the diagonal that of the first alone
 */
public record Compensation(
    List<AblationTarget> components,
    double intact,
    double together,
    LabelledArray effects,
    LabelledArray pairs) {

  /** The quantity: the component is ablated alone. */
  public static final String ALONE = "alone";

  /** The quantity: all others are ablated, the component is intact. */
  public static final String OTHERS_IT_INTACT = "the others, with it intact";

  /** The quantity: all others are ablated when the component is ablated already. */
  public static final String OTHERS_IT_ABLATED = "the others, with it ablated";

  private static final List<String> QUANTITIES =
      List.of(ALONE, OTHERS_IT_INTACT, OTHERS_IT_ABLATED);

  /** Copies the list. */
  public Compensation {
    components = List.copyOf(components);
  }

  /**
   * Measures components.
   *
   * @param components at least one, of different labels
   * @param loss the loss with some components ablated, in nats
   * @param monitor told of every measurement
   * @throws IllegalArgumentException if there is no component, or two have one label
   */
  public static Compensation measure(
      List<AblationTarget> components,
      ToDoubleFunction<List<AblationTarget>> loss,
      SweepMonitor monitor) {
    int count = components.size();
    List<String> labels = components.stream().map(AblationTarget::label).toList();
    Axis effectAxis = new Axis("component", labels);
    Axis before = new Axis("ablated before", labels);
    Axis then = new Axis("ablated then", labels);
    Losses losses = new Losses(count, new HashMap<>());
    Set<Set<Integer>> subsets = subsets(count);
    for (Set<Integer> subset : subsets) {
      if (monitor.stops()) {
        break;
      }
      List<AblationTarget> ablated = subset.stream().map(components::get).toList();
      losses.known().put(subset, loss.applyAsDouble(ablated));
      monitor.onProgress(losses.known().size(), subsets.size());
    }
    double[] effects = new double[count * QUANTITIES.size()];
    double[] pairs = new double[count * count];
    for (int i = 0; i < count; i++) {
      int at = i * QUANTITIES.size();
      effects[at] = losses.of(i) - losses.of();
      effects[at + 1] = losses.ofAllBut(i) - losses.of();
      effects[at + 2] = losses.ofAll() - losses.of(i);
      for (int j = 0; j < count; j++) {
        pairs[i * count + j] = losses.of(i, j) - (i == j ? losses.of() : losses.of(i));
      }
    }
    return new Compensation(
        components,
        losses.of(),
        losses.ofAll() - losses.of(),
        LabelledArray.of(
            "rise of the loss when ablated",
            "nats",
            List.of(effectAxis, new Axis("quantity", QUANTITIES)),
            effects),
        LabelledArray.of(
            "rise of the loss by a second ablation", "nats", List.of(before, then), pairs));
  }

  /** Returns the sum of the rises of all components alone: what no compensation would give. */
  public double sumOfEach() {
    return effects.slice("quantity", ALONE).stream().sum();
  }

  /** Returns what has to be ablated together: nothing, one, all, all but one, and two. */
  private static Set<Set<Integer>> subsets(int count) {
    Set<Set<Integer>> subsets = new LinkedHashSet<>();
    subsets.add(Set.of());
    IntStream.range(0, count).forEach(i -> subsets.add(Set.of(i)));
    subsets.add(allBut(count, count));
    IntStream.range(0, count).forEach(i -> subsets.add(allBut(i, count)));
    for (int i = 0; i < count; i++) {
      for (int j = i + 1; j < count; j++) {
        subsets.add(Set.of(i, j));
      }
    }
    return subsets;
  }

  private static Set<Integer> allBut(int one, int count) {
    return IntStream.range(0, count)
        .filter(i -> i != one)
        .boxed()
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** The losses that were measured, by what was ablated; NaN for the others. */
  private record Losses(int count, Map<Set<Integer>, Double> known) {

    double of(Integer... ablated) {
      return of(Arrays.stream(ablated).collect(Collectors.toSet()));
    }

    double ofAll() {
      return of(allBut(count, count));
    }

    double ofAllBut(int one) {
      return of(allBut(one, count));
    }

    private double of(Set<Integer> ablated) {
      return known.getOrDefault(ablated, LabelledArray.ABSENT);
    }
  }
}
