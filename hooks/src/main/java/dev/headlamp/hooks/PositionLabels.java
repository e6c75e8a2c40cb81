package dev.headlamp.hooks;

import dev.headlamp.engine.TokenBatch;
import dev.headlamp.hooks.report.Axis;
import java.util.ArrayList;
import java.util.List;

/** What results call the positions of prompts. */
public final class PositionLabels {

  private PositionLabels() {}

  /** Returns the number of each position, with the token if all prompts have the same. */
  public static List<String> of(HookedGpt2 model, TokenBatch prompts) {
    List<String> labels = new ArrayList<>();
    for (int pos = 0; pos < prompts.length(); pos++) {
      labels.add(
          model.hasTokenizer() && isShared(prompts, pos)
              ? Axis.positionLabel(pos, model.tokenText(prompts.id(0, pos)))
              : Integer.toString(pos));
    }
    return labels;
  }

  private static boolean isShared(TokenBatch prompts, int pos) {
    for (int prompt = 1; prompt < prompts.batch(); prompt++) {
      if (prompts.id(prompt, pos) != prompts.id(0, pos)) {
        return false;
      }
    }
    return true;
  }
}
