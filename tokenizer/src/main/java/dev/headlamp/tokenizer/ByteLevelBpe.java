package dev.headlamp.tokenizer;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A byte-level BPE tokenizer, the kind that GPT-2's is, as its files describe it. The native side
 * gets to see what {@link #toJson} writes and nothing of the files themselves: over some values
 * that those could hold it ends the JVM.
 *
 * @param ids the model's own tokens
 * @param merges pairs of tokens that become one, the first to be tried in front
 * @param added tokens that are found in a text before it is split
 * @param rules how a text is split and merged
 */
record ByteLevelBpe(
    Map<String, Integer> ids, List<Merge> merges, List<AddedToken> added, Rules rules) {

  /** Two tokens that become one. */
  record Merge(String left, String right) {

    /** Reads the two from a text with one space between them; empty where it is not that. */
    static Optional<Merge> parse(String text) {
      int space = text.indexOf(' ');
      return space < 0 || space != text.lastIndexOf(' ')
          ? Optional.empty()
          : Optional.of(new Merge(text.substring(0, space), text.substring(space + 1)));
    }
  }

  /** A token that is found in a text before it is split; the names are those of the file. */
  record AddedToken(
      String content,
      int id,
      boolean singleWord,
      boolean lstrip,
      boolean rstrip,
      boolean normalized,
      boolean special) {

    /** GPT-2's only added token, as Hugging Face's converter writes it. */
    static AddedToken endOfText(int id) {
      return new AddedToken(SpecialTokenNames.END_OF_TEXT, id, false, false, false, true, true);
    }
  }

  /**
   * How a text is split and merged.
   *
   * @param addPrefixSpace whether a text starts with a space even where it does not
   * @param useRegex whether words are split as GPT-2's are
   * @param unkToken stands for what has no token; null where that is left out
   * @param switches those of {@link #SWITCHES} that are on
   */
  record Rules(
      boolean addPrefixSpace, boolean useRegex, @Nullable String unkToken, Set<String> switches) {

    /** What a BPE model can be told beside its tokens and merges. */
    static final Set<String> SWITCHES = Set.of("fuse_unk", "byte_fallback", "ignore_merges");

    static final Rules OF_GPT2 = new Rules(false, true, null, Set.of());
  }

  /** Returns the tokens that this tokenizer gives out. */
  Vocabulary vocabulary() {
    Map<String, Integer> addedIds = new LinkedHashMap<>();
    added.forEach(token -> addedIds.put(token.content(), token.id()));
    return Vocabulary.of(Set.copyOf(ids.values()), addedIds);
  }

  /** Returns a {@code tokenizer.json}. Truncation, padding and post-processing are never used. */
  String toJson() throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = Json.generator(text)) {
      json.writeStartObject();
      writeAddedTokens(json);
      writeByteLevel(json, "pre_tokenizer");
      writeByteLevel(json, "decoder");
      writeModel(json);
      json.writeEndObject();
    }
    return text.toString();
  }

  private void writeAddedTokens(JsonGenerator json) throws IOException {
    json.writeArrayFieldStart("added_tokens");
    for (AddedToken token : added) {
      json.writeStartObject();
      json.writeNumberField("id", token.id());
      json.writeStringField("content", token.content());
      json.writeBooleanField("single_word", token.singleWord());
      json.writeBooleanField("lstrip", token.lstrip());
      json.writeBooleanField("rstrip", token.rstrip());
      json.writeBooleanField("normalized", token.normalized());
      json.writeBooleanField("special", token.special());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private void writeByteLevel(JsonGenerator json, String part) throws IOException {
    json.writeObjectFieldStart(part);
    json.writeStringField("type", "ByteLevel");
    json.writeBooleanField("add_prefix_space", rules.addPrefixSpace());
    json.writeBooleanField("trim_offsets", true);
    json.writeBooleanField("use_regex", rules.useRegex());
    json.writeEndObject();
  }

  private void writeModel(JsonGenerator json) throws IOException {
    json.writeObjectFieldStart("model");
    json.writeStringField("type", "BPE");
    if (rules.unkToken() != null) {
      json.writeStringField("unk_token", rules.unkToken());
    }
    for (String name : rules.switches()) {
      json.writeBooleanField(name, true);
    }
    json.writeObjectFieldStart("vocab");
    for (Map.Entry<String, Integer> token : ids.entrySet()) {
      json.writeNumberField(token.getKey(), token.getValue());
    }
    json.writeEndObject();
    json.writeArrayFieldStart("merges");
    for (Merge merge : merges) {
      json.writeStartArray();
      json.writeString(merge.left());
      json.writeString(merge.right());
      json.writeEndArray();
    }
    json.writeEndArray();
    json.writeEndObject();
  }
}
