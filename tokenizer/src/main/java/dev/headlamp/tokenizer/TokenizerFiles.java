package dev.headlamp.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a model folder says about its tokenizer.
 *
 * @param source the file or folder that errors are about
 * @param json the text of {@code tokenizer.json}
 * @param vocabulary the ids in that text
 * @param names the special tokens that the files beside it name
 */
record TokenizerFiles(Path source, String json, Vocabulary vocabulary, SpecialTokenNames names) {

  /** The largest tokenizers in use have files of some 30 MB. */
  private static final long MAX_BYTES = 256L << 20;

  /** Reads a model folder, or a {@code tokenizer.json} and what lies beside it. */
  static TokenizerFiles read(Path folderOrFile) throws TokenizerFormatException {
    if (Files.isRegularFile(folderOrFile)) {
      Path parent = folderOrFile.toAbsolutePath().getParent();
      return of(folderOrFile, text(folderOrFile), parent);
    }
    Path json = folderOrFile.resolve("tokenizer.json");
    if (Files.exists(json)) {
      return of(json, text(json), folderOrFile);
    }
    Path vocabulary = folderOrFile.resolve("vocab.json");
    Path merges = folderOrFile.resolve("merges.txt");
    if (Files.exists(vocabulary) && Files.exists(merges)) {
      return of(folderOrFile, assembled(folderOrFile, vocabulary, merges), folderOrFile);
    }
    throw new TokenizerFormatException(
        folderOrFile, "no tokenizer.json here, nor vocab.json with merges.txt");
  }

  private static TokenizerFiles of(Path source, String json, Path folder)
      throws TokenizerFormatException {
    Vocabulary vocabulary = parsed(source, () -> Vocabulary.read(json));
    return new TokenizerFiles(source, json, vocabulary, names(folder));
  }

  private static SpecialTokenNames names(Path folder) throws TokenizerFormatException {
    SpecialTokenNames names = SpecialTokenNames.GPT2;
    for (String name : new String[] {"special_tokens_map.json", "tokenizer_config.json"}) {
      Path file = folder.resolve(name);
      if (Files.exists(file)) {
        String json = text(file);
        SpecialTokenNames soFar = names;
        names = parsed(file, () -> SpecialTokenNames.read(json, soFar));
      }
    }
    return names;
  }

  private static String assembled(Path folder, Path vocabulary, Path merges)
      throws TokenizerFormatException {
    Path added = folder.resolve("added_tokens.json");
    if (Files.exists(added)) {
      throw new TokenizerFormatException(
          added, "added tokens are read from a tokenizer.json only, and there is none here");
    }
    String vocabularyText = text(vocabulary);
    String mergesText = text(merges);
    return parsed(vocabulary, () -> Gpt2Json.assemble(vocabularyText, mergesText));
  }

  private static String text(Path file) throws TokenizerFormatException {
    try {
      long bytes = Files.size(file);
      if (bytes > MAX_BYTES) {
        throw new TokenizerFormatException(
            file, bytes + " bytes are too many: a tokenizer's file has at most " + MAX_BYTES);
      }
      String text = Files.readString(file);
      if (text.isBlank()) {
        throw new TokenizerFormatException(file, "the file is empty");
      }
      return text;
    } catch (CharacterCodingException e) {
      throw new TokenizerFormatException(file, "not UTF-8 text", e);
    } catch (TokenizerFormatException e) {
      throw e;
    } catch (IOException e) {
      throw new TokenizerFormatException(file, "cannot be read: " + e.getMessage(), e);
    }
  }

  private static <T> T parsed(Path file, JsonReading<T> reading) throws TokenizerFormatException {
    try {
      return reading.read();
    } catch (JsonProcessingException e) {
      String place =
          e.getLocation() == null
              ? ""
              : " (line %d, column %d)"
                  .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr());
      throw new TokenizerFormatException(
          file, "not the JSON of a tokenizer: " + e.getOriginalMessage() + place, e);
    } catch (IOException e) {
      throw new TokenizerFormatException(file, "cannot be read: " + e.getMessage(), e);
    }
  }

  private interface JsonReading<T> {
    T read() throws IOException;
  }
}
