package dev.headlamp.experiments.ioi;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A sentence with gaps for words, as the IOI paper writes its templates (Wang et al. 2022, arXiv
 * 2211.00593, appendix E).
 *
 * @param number what reports call it; the paper's are 1 to 15
 * @param baba the sentence in the form BABA, answer included: {@code [B]} is the subject, {@code
 *     [A]} the indirect object, and there may be any number of {@code [PLACE]} and {@code [OBJECT]}
 */
public record IoiTemplate(int number, String baba) {

  private static final Pattern NAMES =
      Pattern.compile("%1$s\\[B]%1$s\\[A]%1$s\\[B]%1$s\\[A]".formatted("(?:(?!\\[[AB]]).)*"));
  private static final Pattern GLUED_WORD =
      Pattern.compile("(?:^|[^ ])\\[(?:A|B|PLACE|OBJECT)]|\\[(?:A|B|PLACE|OBJECT)]\\w");
  private static final String ANSWER = " [A]";

  /**
   * Checks the sentence.
   *
   * @throws IllegalArgumentException if [B], [A], [B] and [A] do not stand in it in this order, the
   *     last at its end, or if a gap has no space before it: a name at the start of a text is
   *     another token than the same name after a space, and a prompt with it measures something
   *     else
   */
  public IoiTemplate {
    if (!NAMES.matcher(baba).matches()) {
      throw new IllegalArgumentException(
          "template %d needs [B], [A], [B] and, at its end, [A], in this order: \"%s\""
              .formatted(number, baba));
    }
    if (GLUED_WORD.matcher(baba).find()) {
      throw new IllegalArgumentException(
          "template %d needs a space before each gap and no letter behind it: \"%s\""
              .formatted(number, baba));
    }
  }

  /** Returns whether the sentence names a place. */
  public boolean namesPlace() {
    return baba.contains(IoiSlot.PLACE.mark());
  }

  /** Returns whether the sentence names an object. */
  public boolean namesObject() {
    return baba.contains(IoiSlot.OBJECT.mark());
  }

  /** Returns the prompt, without its answer, with {@link IoiSlot#mark()} where words go. */
  String skeleton(IoiForm form) {
    String prompt = baba.substring(0, baba.length() - ANSWER.length());
    IoiSlot first = form == IoiForm.BABA ? IoiSlot.S1 : IoiSlot.IO;
    IoiSlot second = form == IoiForm.BABA ? IoiSlot.IO : IoiSlot.S1;
    return prompt
        .replaceFirst("\\[B]", Matcher.quoteReplacement(first.mark()))
        .replace("[A]", second.mark())
        .replace("[B]", IoiSlot.S2.mark());
  }
}
