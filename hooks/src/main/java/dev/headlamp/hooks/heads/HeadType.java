package dev.headlamp.hooks.heads;

import java.util.Locale;

/** A kind of head, by where it looks. */
public enum HeadType {
  /** Looks at the token before. */
  PREVIOUS_TOKEN,
  /** Looks at earlier places of the same token. */
  DUPLICATE_TOKEN,
  /** Looks at the tokens that came after earlier places of the same token. */
  INDUCTION;

  /** Returns how far back this kind looks in a text of {@code length} tokens said twice. */
  int distance(int length) {
    return switch (this) {
      case PREVIOUS_TOKEN -> 1;
      case DUPLICATE_TOKEN -> length;
      case INDUCTION -> length - 1;
    };
  }

  /** Returns the first of its tokens, counted from 0, that has something there to look at. */
  int firstPos(int length) {
    return this == PREVIOUS_TOKEN ? 1 : length;
  }

  /** Returns the kind in words, such as {@code previous token}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
