package dev.headlamp.tokenizer;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a model folder says about its tokenizer.
 *
 * @param source the file or folder that errors are about
 * @param tokenizer what they describe
 * @param names the special tokens that the files beside it name
 */
record TokenizerFiles(Path source, ByteLevelBpe tokenizer, SpecialTokenNames names) {

  /** The largest tokenizers in use have files of some 30 MB. */
  private static final long MAX_BYTES = 64L << 20;

  /** Reads a model folder, or a {@code tokenizer.json} and what lies beside it. */
  static TokenizerFiles read(Path folderOrFile) throws TokenizerFormatException {
    if (Files.isRegularFile(folderOrFile)) {
      return new TokenizerFiles(
          folderOrFile, described(folderOrFile), names(folderOrFile.resolveSibling("")));
    }
    Path json = folderOrFile.resolve("tokenizer.json");
    if (Files.exists(json)) {
      return new TokenizerFiles(json, described(json), names(folderOrFile));
    }
    Path vocabulary = folderOrFile.resolve("vocab.json");
    Path merges = folderOrFile.resolve("merges.txt");
    if (Files.exists(vocabulary) && Files.exists(merges)) {
      return new TokenizerFiles(
          folderOrFile, converted(folderOrFile, vocabulary, merges), names(folderOrFile));
    }
    throw new TokenizerFormatException(
        folderOrFile, "no tokenizer.json here, nor vocab.json with merges.txt");
  }

  private static ByteLevelBpe described(Path file) throws TokenizerFormatException {
    String json = text(file);
    return parsed(file, () -> TokenizerJson.read(json));
  }

  private static SpecialTokenNames names(Path folder) throws TokenizerFormatException {
    Map<String, String> named = new HashMap<>();
    for (String name : List.of("special_tokens_map.json", "tokenizer_config.json")) {
      Path file = folder.resolve(name);
      if (Files.exists(file)) {
        String json = text(file);
        named.putAll(parsed(file, () -> SpecialTokenNames.read(json)));
      }
    }
    return SpecialTokenNames.of(named);
  }

  private static ByteLevelBpe converted(Path folder, Path vocabulary, Path merges)
      throws TokenizerFormatException {
    Path added = folder.resolve("added_tokens.json");
    if (Files.exists(added)) {
      throw new TokenizerFormatException(
          added, "added tokens are read from a tokenizer.json only, and there is none here");
    }
    String vocabularyText = text(vocabulary);
    String mergesText = text(merges);
    return parsed(vocabulary, () -> OlderFiles.read(vocabularyText, mergesText));
  }

  private static String text(Path file) throws TokenizerFormatException {
    // Opening a pipe would wait for ever, and a device has no end.
    if (!Files.isRegularFile(file)) {
      throw new TokenizerFormatException(file, "not a regular file");
    }
    try {
      long bytes = Files.size(file);
      if (bytes > MAX_BYTES) {
        throw new TokenizerFormatException(
            file, bytes + " bytes are too many: at most " + MAX_BYTES + " are read");
      }
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new TokenizerFormatException(file, "not UTF-8 text", e);
    } catch (TokenizerFormatException e) {
      throw e;
    } catch (IOException e) {
      throw new TokenizerFormatException(file, "cannot be read: " + e.getMessage(), e);
    }
  }

  private static <T> T parsed(Path file, Parsing<T> parsing) throws TokenizerFormatException {
    try {
      return parsing.parse();
    } catch (JsonProcessingException e) {
      throw new TokenizerFormatException(file, e.getOriginalMessage() + place(e), e);
    } catch (IOException e) {
      throw new TokenizerFormatException(file, e.getMessage(), e);
    }
  }

  private static String place(JsonProcessingException e) {
    JsonLocation at = e.getLocation();
    return at == null ? "" : " (line %d, column %d)".formatted(at.getLineNr(), at.getColumnNr());
  }

  private interface Parsing<T> {
    T parse() throws IOException;
  }
}
