package dev.headlamp.hooks;

import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.report.Axis;
import java.util.ArrayList;
import java.util.List;

/** What results call the positions of prompts. */
public final class PositionLabels {

  /** Behind the token of the first prompt, where others have another or none. */
  private static final String AND_OTHERS = " …";

  private PositionLabels() {}

  /**
   * Returns the number of each position with its token: that of the first prompt, such as {@code 3:
   * ' Mary' …}, where prompts differ. Without a tokenizer, and at padding of the first prompt, it
   * is the number alone.
   */
  public static List<String> of(HookedGpt2 model, TokenBatch prompts) {
    List<String> labels = new ArrayList<>();
    for (int pos = 0; pos < prompts.length(); pos++) {
      if (model.hasTokenizer() && prompts.isToken(0, pos)) {
        String label = Axis.positionLabel(pos, model.tokenText(prompts.id(0, pos)));
        labels.add(isShared(prompts, pos) ? label : label + AND_OTHERS);
      } else {
        labels.add(Integer.toString(pos));
      }
    }
    return labels;
  }

  private static boolean isShared(TokenBatch prompts, int pos) {
    for (int prompt = 1; prompt < prompts.batch(); prompt++) {
      if (!prompts.isToken(prompt, pos) || prompts.id(prompt, pos) != prompts.id(0, pos)) {
        return false;
      }
    }
    return true;
  }
}
