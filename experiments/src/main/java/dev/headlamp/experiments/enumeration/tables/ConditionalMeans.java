package dev.headlamp.experiments.enumeration.tables;

import dev.headlamp.experiments.enumeration.Enumeration;
import dev.headlamp.experiments.enumeration.Factor;
import dev.headlamp.experiments.enumeration.PromptSpace;
import dev.headlamp.experiments.enumeration.Slice;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The mean logit difference for each thing that a template, a place, an object, a subject or an
 * indirect object can be, computed in one pass over the rows.
 *
 * @param rows one for each of these, in the order of the factors and of their lists; without those
 *     that a slice fixes, and those of which nothing was computed
 */
public record ConditionalMeans(List<ConditionalMean> rows) {

  /** Copies the rows. */
  public ConditionalMeans {
    rows = List.copyOf(rows);
  }

  /** Returns the conditional means within a slice. */
  public static ConditionalMeans of(Enumeration enumeration, Slice slice) {
    PromptSpace space = enumeration.space();
    Moments all = new Moments();
    Moments[] templates = moments(space, Factor.TEMPLATE);
    Moments[] places = moments(space, Factor.PLACE);
    Moments[] objects = moments(space, Factor.OBJECT);
    Moments[] subjects = moments(space, Factor.SUBJECT);
    Moments[] indirectObjects = moments(space, Factor.INDIRECT_OBJECT);
    enumeration.forEach(
        slice,
        (template, place, object, subject, indirectObject, value) -> {
          all.add(value);
          templates[template].add(value);
          places[place].add(value);
          objects[object].add(value);
          subjects[subject].add(value);
          indirectObjects[indirectObject].add(value);
        });
    List<Moments[]> byFactor = List.of(templates, places, objects, subjects, indirectObjects);
    List<ConditionalMean> rows = new ArrayList<>();
    for (Factor factor : Factor.values()) {
      if (!slice.isFixed(factor)) {
        rows.addAll(rows(space, factor, byFactor.get(factor.place()), all));
      }
    }
    return new ConditionalMeans(rows);
  }

  private static Moments[] moments(PromptSpace space, Factor factor) {
    return Stream.generate(Moments::new).limit(space.values(factor).size()).toArray(Moments[]::new);
  }

  private static List<ConditionalMean> rows(
      PromptSpace space, Factor factor, Moments[] parts, Moments all) {
    List<ConditionalMean> rows = new ArrayList<>();
    for (int i = 0; i < parts.length; i++) {
      if (parts[i].count() > 0) {
        rows.add(
            new ConditionalMean(
                factor,
                i,
                space.values(factor).get(i),
                parts[i].statistics(),
                all.minus(parts[i]).statistics(),
                all.statistics()));
      }
    }
    return rows;
  }

  /** Returns the rows by their means, lowest first. */
  public List<ConditionalMean> sorted() {
    return rows.stream().sorted(Comparator.comparingDouble(row -> row.own().mean())).toList();
  }

  /**
   * Returns what has the lowest mean among all that one factor can be; empty if nothing is there.
   */
  public Optional<ConditionalMean> lowest(Factor factor) {
    return sorted().stream().filter(row -> row.factor() == factor).findFirst();
  }
}
