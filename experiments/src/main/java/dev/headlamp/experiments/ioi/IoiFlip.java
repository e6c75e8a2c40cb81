package dev.headlamp.experiments.ioi;

import java.util.HashSet;
import java.util.Set;

/**
 * A change of a prompt's names that leaves every other token where it is, for patching and as a
 * reference for ablation. Random names are others than the prompt's own.
 */
public enum IoiFlip {
  /** IO, S1 and S2 become three different random names: the paper's p_ABC. */
  ABC,
  /** As {@link #ABC}, with the first two names exchanged. */
  BAC,
  /** S2 becomes IO: the other name is now the answer. */
  S2_TO_IO,
  /** IO and S become two random names; the prompt still has one answer. */
  RANDOM_NAMES,
  /** IO becomes a random name. */
  RANDOM_IO,
  /** S1 becomes a random name, S2 stays: no name is said twice. */
  RANDOM_S1,
  /** S1 and S2 become one random name. */
  RANDOM_S,
  /** IO and S1 exchange their places, S2 stays: BABA becomes ABBA and the other way round. */
  IO_S1_ORDER;

  /** Returns a prompt so changed. */
  IoiPrompt of(IoiPrompt prompt, NamePool pool) {
    String io = prompt.indirectObject();
    String s1 = prompt.subject1();
    String s2 = prompt.subject2();
    Set<String> taken = new HashSet<>(Set.of(io));
    taken.add(s1);
    taken.add(s2);
    return switch (this) {
      case ABC ->
          prompt.withNames(another(pool, taken), another(pool, taken), another(pool, taken));
      case BAC -> ABC.of(prompt, pool).inOtherOrder();
      case S2_TO_IO -> prompt.withOtherAnswer();
      case RANDOM_NAMES -> {
        String subject = another(pool, taken);
        yield prompt.withNames(another(pool, taken), subject, subject);
      }
      case RANDOM_IO -> prompt.withNames(another(pool, taken), s1, s2);
      case RANDOM_S1 -> prompt.withNames(io, another(pool, taken), s2);
      case RANDOM_S -> {
        String subject = another(pool, taken);
        yield prompt.withNames(io, subject, subject);
      }
      case IO_S1_ORDER -> prompt.inOtherOrder();
    };
  }

  private static String another(NamePool pool, Set<String> taken) {
    String name = pool.drawExcept(taken);
    taken.add(name);
    return name;
  }
}
