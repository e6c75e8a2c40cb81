package dev.headlamp.experiments.enumeration;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The part of an enumeration that is computed and written at once: the prompts of one template and
 * one subject, which begin alike. Its values are {@code [place][object][indirect object]}.
 */
record Chunk(PromptSpace space, int template, int subject) {

  /** Returns how many chunks there are. */
  static int count(PromptSpace space) {
    return space.templates().size() * space.names().size();
  }

  /** Returns a chunk by its number. */
  static Chunk of(PromptSpace space, int index) {
    return new Chunk(space, index / space.names().size(), index % space.names().size());
  }

  int index() {
    return template * space.names().size() + subject;
  }

  /** Returns the number of rows. */
  int size() {
    return groups() * space.others();
  }

  /** Returns the number of stretches of rows that it has, each of {@code others} rows. */
  int groups() {
    return space.places().size() * space.objects().size();
  }

  /** Returns the first row of a stretch. */
  int firstRow(int group) {
    int objects = space.objects().size();
    return space.firstRow(template, group / objects, group % objects, subject);
  }

  /** Returns a row for each different prompt. */
  List<Integer> distinctRows() {
    List<Integer> rows = new ArrayList<>();
    for (int place = 0; place < space.distinctPlaces(template); place++) {
      for (int object = 0; object < space.distinctObjects(template); object++) {
        int first = firstRow(place * space.objects().size() + object);
        IntStream.range(first, first + space.others()).forEach(rows::add);
      }
    }
    return rows;
  }

  /** Puts the score of a prompt into the values of this chunk wherever that prompt stands. */
  void put(int row, float score, float[] values) {
    PromptChoice choice = space.choice(row);
    int objects = space.objects().size();
    for (int group = 0; group < groups(); group++) {
      boolean samePlace = space.distinctPlaces(template) == 1 || group / objects == choice.place();
      boolean sameObject =
          space.distinctObjects(template) == 1 || group % objects == choice.object();
      if (samePlace && sameObject) {
        values[group * space.others() + row % space.others()] = score;
      }
    }
  }

  @Override
  public String toString() {
    return "template %d, S %s".formatted(template + 1, space.names().get(subject));
  }
}
