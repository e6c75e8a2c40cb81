package dev.headlamp.experiments.ioi;

import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Draws IOI prompts. One seed gives one list, and prompts of one list are drawn independently. */
public final class IoiPrompts {

  private final IoiWords words;
  private final SplittableRandom random;
  private final NamePool names;

  private IoiPrompts(IoiWords words, long seed) {
    this.words = words;
    this.random = new SplittableRandom(seed);
    this.names = new NamePool(words.names(), random);
  }

  /**
   * Draws prompts of every template, place and object, in the forms BABA and ABBA in turn.
   *
   * @throws IllegalArgumentException if fewer than 1 is asked for
   */
  public static List<IoiPrompt> draw(IoiWords words, int count, long seed) {
    requirePositive(count);
    IoiPrompts prompts = new IoiPrompts(words, seed);
    return IntStream.range(0, count).mapToObj(i -> prompts.one(alternating(i))).toList();
  }

  /**
   * Draws prompts of every template, place and object, all in one form.
   *
   * @throws IllegalArgumentException if fewer than 1 is asked for
   */
  public static List<IoiPrompt> draw(IoiWords words, IoiForm form, int count, long seed) {
    requirePositive(count);
    IoiPrompts prompts = new IoiPrompts(words, seed);
    return IntStream.range(0, count).mapToObj(i -> prompts.one(form)).toList();
  }

  /**
   * Draws prompts that are alike token by token: one template, one place and one object for all, so
   * that a position means the same in each. Each two in a row share their names, and introduce them
   * in either order (BABA, then ABBA).
   *
   * @throws IllegalArgumentException if fewer than 1 is asked for
   */
  public static List<IoiPrompt> drawAlike(IoiWords words, int count, long seed) {
    requirePositive(count);
    IoiPrompts prompts = new IoiPrompts(words, seed);
    IoiPrompt first = prompts.one(IoiForm.BABA);
    Supplier<IoiPrompt> next =
        () -> {
          String subject = prompts.names.drawExcept(Set.of());
          return first.withNames(prompts.names.drawExcept(Set.of(subject)), subject, subject);
        };
    return Stream.concat(Stream.of(first), Stream.generate(next))
        .flatMap(baba -> Stream.of(baba, baba.inOtherOrder()))
        .limit(count)
        .toList();
  }

  private static void requirePositive(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("the number of prompts (" + count + ") must be positive");
    }
  }

  private static IoiForm alternating(int i) {
    return i % 2 == 0 ? IoiForm.BABA : IoiForm.ABBA;
  }

  private IoiPrompt one(IoiForm form) {
    IoiTemplate template = one(words.templates());
    String place = one(words.places());
    String object = one(words.objects());
    String subject = names.drawExcept(Set.of());
    String indirectObject = names.drawExcept(Set.of(subject));
    return new IoiPrompt(template, form, indirectObject, subject, subject, place, object);
  }

  private <T> T one(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }
}
