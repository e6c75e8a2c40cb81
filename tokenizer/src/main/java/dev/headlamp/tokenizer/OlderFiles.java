package dev.headlamp.tokenizer;

import dev.headlamp.tokenizer.ByteLevelBpe.AddedToken;
import dev.headlamp.tokenizer.ByteLevelBpe.Merge;
import dev.headlamp.tokenizer.ByteLevelBpe.Rules;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Reads GPT-2's older files, {@code vocab.json} and {@code merges.txt}. */
final class OlderFiles {

  private OlderFiles() {}

  /** Returns the tokenizer that Hugging Face's converter makes of these texts. */
  static ByteLevelBpe read(String vocabulary, String merges) throws IOException {
    TokenIds ids = new TokenIds();
    Json.forEachField(vocabulary, ids::add);
    return new ByteLevelBpe(
        ids.byToken(), merges(merges), addedTokens(ids.byToken()), Rules.OF_GPT2);
  }

  private static List<AddedToken> addedTokens(Map<String, Integer> ids) {
    Integer endOfText = ids.get(SpecialTokenNames.END_OF_TEXT);
    return endOfText == null ? List.of() : List.of(AddedToken.endOfText(endOfText));
  }

  private static List<Merge> merges(String text) throws IOException {
    List<Merge> merges = new ArrayList<>();
    List<String> lines = text.lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      // Only the version line is a comment: "# #" is a merge.
      if (!line.isEmpty() && !line.startsWith("#version")) {
        int number = i + 1;
        merges.add(
            Merge.parse(line)
                .orElseThrow(
                    () ->
                        new IOException(
                            "line %d of the merges is not two tokens: %s"
                                .formatted(number, line))));
      }
    }
    return merges;
  }
}
