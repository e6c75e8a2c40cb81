package dev.headlamp.tokenizer;

import com.fasterxml.jackson.core.JsonGenerator;
import com.knuddels.jtokkit.api.EncodingType;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Writes GPT-2's {@code vocab.json} and {@code merges.txt} from the ranks that jtokkit carries, so
 * that the vocabulary need not lie in this repository.
 */
final class Gpt2Files {

  private static final String RANKS = "/com/knuddels/jtokkit/r50k_base.tiktoken";
  private static final String PRINTABLE = printableBytes();

  /** Ids by token, in ascending order; a token has one printable character for each byte. */
  private final Map<String, Integer> ids = new LinkedHashMap<>();

  private Gpt2Files() throws IOException {
    try (InputStream in = EncodingType.class.getResourceAsStream(RANKS);
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] fields = line.split(" ", -1);
        ids.put(printable(Base64.getDecoder().decode(fields[0])), Integer.valueOf(fields[1]));
      }
    }
  }

  static void writeTo(Path folder) throws IOException {
    Gpt2Files files = new Gpt2Files();
    files.writeVocabulary(folder.resolve("vocab.json"));
    Files.write(folder.resolve("merges.txt"), files.merges());
  }

  private void writeVocabulary(Path file) throws IOException {
    try (JsonGenerator json = Json.generator(Files.newBufferedWriter(file))) {
      json.writeStartObject();
      for (Map.Entry<String, Integer> token : ids.entrySet()) {
        json.writeNumberField(token.getKey(), token.getValue());
      }
      json.writeNumberField("<|endoftext|>", 50256);
      json.writeEndObject();
    }
  }

  private List<String> merges() {
    List<String> lines = new ArrayList<>(List.of("#version: 0.2"));
    for (String token : ids.keySet()) {
      if (token.length() > 1) {
        lines.add(String.join(" ", halves(token)));
      }
    }
    return lines;
  }

  /** A token was made by merging the two parts that all earlier merges leave of it. */
  private List<String> halves(String token) {
    int id = ids.get(token);
    List<String> parts = token.chars().mapToObj(Character::toString).collect(Collectors.toList());
    while (parts.size() > 2) {
      int best = -1;
      int bestId = id;
      for (int i = 0; i + 1 < parts.size(); i++) {
        int merged = ids.getOrDefault(parts.get(i) + parts.get(i + 1), id);
        if (merged < bestId) {
          best = i;
          bestId = merged;
        }
      }
      parts.set(best, parts.get(best) + parts.remove(best + 1));
    }
    return parts;
  }

  private static String printable(byte[] token) {
    StringBuilder text = new StringBuilder();
    for (byte b : token) {
      text.append(PRINTABLE.charAt(Byte.toUnsignedInt(b)));
    }
    return text.toString();
  }

  /** GPT-2's {@code bytes_to_unicode}: bytes without a glyph stand as U+0100 and following. */
  private static String printableBytes() {
    StringBuilder characters = new StringBuilder();
    char next = 256;
    for (char b = 0; b < 256; b++) {
      boolean hasGlyph = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
      characters.append(hasGlyph ? b : next++);
    }
    return characters.toString();
  }
}
