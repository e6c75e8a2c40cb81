package dev.headlamp.experiments.ioi;

import dev.headlamp.tokenizer.Bos;
import dev.headlamp.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A template in one form as tokens, with gaps where words go. As every word is one token, all its
 * prompts have their words at the same positions.
 *
 * @param template the template
 * @param form the form
 * @param ids the tokens, any id in the gaps
 * @param gaps what goes where
 * @param positions those there are: a template may have no punctuation
 */
record TokenLayout(
    IoiTemplate template,
    IoiForm form,
    List<Integer> ids,
    List<Gap> gaps,
    Map<IoiPosition, Integer> positions) {

  /** A position to put a word at. */
  record Gap(int pos, IoiSlot slot) {}

  private static final Pattern MARK = Pattern.compile(" \\[(IO|S1|S2|PLACE|OBJECT)]");
  private static final Pattern PUNCTUATION = Pattern.compile("\\s*\\p{Punct}+\\s*");

  /** Lays out a template. Words after a space are pieces of their own to a byte-level BPE. */
  static TokenLayout of(IoiTemplate template, IoiForm form, Tokenizer tokenizer, Bos bos) {
    String skeleton = template.skeleton(form);
    List<Integer> ids = new ArrayList<>();
    List<Gap> gaps = new ArrayList<>();
    if (bos == Bos.PREPEND) {
      ids.add(tokenizer.bosId());
    }
    Matcher marks = MARK.matcher(skeleton);
    int from = 0;
    while (marks.find()) {
      append(ids, tokenizer, skeleton.substring(from, marks.start()));
      gaps.add(new Gap(ids.size(), IoiSlot.valueOf(marks.group(1))));
      ids.add(0);
      from = marks.end();
    }
    append(ids, tokenizer, skeleton.substring(from));
    return new TokenLayout(
        template, form, List.copyOf(ids), List.copyOf(gaps), positions(ids, gaps, tokenizer));
  }

  private static void append(List<Integer> ids, Tokenizer tokenizer, String text) {
    if (!text.isEmpty()) {
      for (int id : tokenizer.toTokens(text, Bos.NONE)) {
        ids.add(id);
      }
    }
  }

  private static Map<IoiPosition, Integer> positions(
      List<Integer> ids, List<Gap> gaps, Tokenizer tokenizer) {
    int io = posOf(IoiSlot.IO, gaps);
    int s1 = posOf(IoiSlot.S1, gaps);
    int s2 = posOf(IoiSlot.S2, gaps);
    Map<IoiPosition, Integer> positions = new EnumMap<>(IoiPosition.class);
    if (io > 0) {
      positions.put(IoiPosition.IO_MINUS_1, io - 1);
    }
    positions.put(IoiPosition.IO, io);
    positions.put(IoiPosition.IO_PLUS_1, io + 1);
    if (s1 > 0) {
      positions.put(IoiPosition.S1_MINUS_1, s1 - 1);
    }
    positions.put(IoiPosition.S1, s1);
    positions.put(IoiPosition.S1_PLUS_1, s1 + 1);
    positions.put(IoiPosition.S2, s2);
    positions.put(IoiPosition.END, ids.size() - 1);
    for (int pos = s2 - 1; pos > 0; pos--) {
      int at = pos;
      boolean fixed = gaps.stream().noneMatch(gap -> gap.pos() == at);
      if (fixed && PUNCTUATION.matcher(tokenizer.toTokenTexts(ids.get(pos)).get(0)).matches()) {
        positions.put(IoiPosition.PUNCTUATION, pos);
        break;
      }
    }
    return Map.copyOf(positions);
  }

  private static int posOf(IoiSlot slot, List<Gap> gaps) {
    return gaps.stream().filter(gap -> gap.slot() == slot).findFirst().orElseThrow().pos();
  }

  /**
   * Returns a position.
   *
   * @throws IllegalArgumentException if the template has none
   */
  int position(IoiPosition position) {
    Integer pos = positions.get(position);
    if (pos == null) {
      throw new IllegalArgumentException(
          "template %d has no position %s in the form %s: \"%s\""
              .formatted(template.number(), position.label(), form, template.baba()));
    }
    return pos;
  }
}
