package dev.headlamp.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read from a model folder, and what is refused. */
class TokenizerFilesTest {

  private static final String TEXT = "When John and Mary went to the store, 漢字 😀 's #  # ##";

  @TempDir private Path folder;
  private Path file;
  private String demo;

  @BeforeEach
  void readDemo() throws IOException {
    file = folder.resolve("tokenizer.json");
    demo = Files.readString(DemoTokenizer.folder().resolve("tokenizer.json"));
  }

  @Test
  void aFileOfAnyNameIsLoaded() throws IOException {
    Path other = Files.writeString(folder.resolve("other.json"), demo);
    assertThat(tokens(other)).isEqualTo(tokens(DemoTokenizer.folder()));
  }

  @Test
  void theOlderFilesGiveTheSameTokens() throws IOException {
    for (String name : List.of("vocab.json", "merges.txt")) {
      Files.copy(DemoTokenizer.folder().resolve(name), folder.resolve(name));
    }
    assertThat(tokens(folder)).isEqualTo(tokens(DemoTokenizer.folder()));
  }

  @Test
  void theOlderFilesCannotCarryAddedTokens() throws IOException {
    for (String name : List.of("vocab.json", "merges.txt")) {
      Files.copy(DemoTokenizer.folder().resolve(name), folder.resolve(name));
    }
    Path added = Files.writeString(folder.resolve("added_tokens.json"), "{\"<x>\": 1036}");
    assertRefused(folder).withMessageStartingWith(added + ": added tokens are read from a ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.5", "1e1", "\"a\"", "null", "true", "[]", "99999999999"})
  void anIdInTheOlderVocabularyThatIsNoWholeNumberIsRefused(String id) throws IOException {
    Files.copy(DemoTokenizer.folder().resolve("merges.txt"), folder.resolve("merges.txt"));
    String vocabulary = Files.readString(DemoTokenizer.folder().resolve("vocab.json"));
    assertThat(vocabulary).startsWith("{\"!\":");
    Path older = folder.resolve("vocab.json");
    Files.writeString(older, vocabulary.replaceFirst("0", id));
    assertRefused(folder).withMessageStartingWith(older + ": ");
  }

  @Test
  void truncationAndPaddingInTheFileAreIgnored() throws IOException {
    write(
        demo.replace(
                "\"truncation\": null",
                """
                "truncation": {"direction": "Right", "max_length": 3,
                "strategy": "LongestFirst", "stride": 0}""")
            .replace(
                "\"padding\": null",
                """
                "padding": {"strategy": {"Fixed": 64}, "direction": "Right", "pad_id": 0,
                "pad_to_multiple_of": null, "pad_type_id": 0, "pad_token": "!"}"""));
    assertThat(tokens(folder)).isEqualTo(tokens(DemoTokenizer.folder()));
  }

  /** Over some of these the native side, which is not told of them, would end the JVM. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"decoder\": { | \"decoder\": {\"x\": 1e999,",
        "\"pre_tokenizer\": { | \"pre_tokenizer\": {\"x\": [1e999],",
        "\"padding\": null | \"padding\": {\"strategy\": {\"Fixed\": -1}}",
        "\"post_processor\": { | \"post_processor\": {\"x\": 1e999,",
        "\"version\": \"1.0\" | \"version\": {\"x\": 1e999}, \"unknown\": []",
      })
  void whatIsNotUsedDoesNotMatter(String part, String replacement) throws IOException {
    assertThat(demo).contains(part);
    write(demo.replace(part, replacement));
    assertThat(tokens(folder)).isEqualTo(tokens(DemoTokenizer.folder()));
  }

  @Test
  void mergesMayBePairs() throws IOException {
    int start = demo.indexOf('[', demo.indexOf("\"merges\""));
    write(
        demo.substring(0, start)
            + demo.substring(start).replaceAll("\"([^\"\\s]+) ([^\"\\s]+)\"", "[\"$1\", \"$2\"]"));
    assertThat(Files.readString(file)).contains("[\"h\", \"e\"]");
    assertThat(tokens(folder)).isEqualTo(tokens(DemoTokenizer.folder()));
  }

  @Test
  void specialTokensAreThoseThatTheConfigNames() throws IOException {
    write(withAddedToken("{\"id\": 1036, \"content\": \"<pad>\", \"special\": true,"));
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        """
        {"bos_token": {"content": "<|endoftext|>", "lstrip": false}, "eos_token": "<pad>",
        "pad_token": "<pad>", "added_tokens_decoder": {"0": {"content": "!"}}, "unk_token": null}
        """);
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      assertThat(tokenizer.bosId()).isEqualTo(1035);
      assertThat(tokenizer.eosId()).isEqualTo(1036);
      assertThat(tokenizer.padId()).isEqualTo(1036);
      assertThat(tokenizer.vocabularySize()).isEqualTo(1037);
    }
  }

  @Test
  void aTokenizerWithoutBosSaysSoWhenItIsAskedFor() throws IOException {
    write(demo);
    Files.writeString(folder.resolve("tokenizer_config.json"), "{\"bos_token\": \"<s>\"}");
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      assertThat(tokenizer.toTokens(" Mary", Bos.NONE)).hasSize(1);
      assertThat(tokenizer.eosId()).isEqualTo(1035);
      assertThatIllegalStateException()
          .isThrownBy(() -> tokenizer.toTokens(" Mary"))
          .withMessage(file + " has no beginning-of-sequence token: ask with Bos.NONE");
    }
  }

  @Test
  void anIdThatNoTokenHasIsRefused() throws IOException {
    write(demo.replace("\"!\": 0, ", ""));
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      assertThat(tokenizer.toText(1)).isEqualTo("\"");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> tokenizer.toText(0))
          .withMessage("token id 0 stands for no token of this vocabulary");
    }
  }

  @Test
  void aMissingFolderAndAFolderWithoutTokenizerAreRefused() {
    assertRefused(folder)
        .withMessage(folder + ": no tokenizer.json here, nor vocab.json with merges.txt");
    assertRefused(folder.resolve("missing")).withMessageContaining("no tokenizer.json here");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " \n", "{", "{}", "[]", "null", "42", "{\"model\": {}}", "\ufeff{}"})
  void aFileThatHoldsNoTokenizerIsRefused(String text) throws IOException {
    write(text);
    assertRefused(folder).withMessageStartingWith(file + ": ");
  }

  @Test
  void aTruncatedFileIsRefused() throws IOException {
    Random random = new Random(1);
    for (int i = 0; i < 50; i++) {
      write(demo.substring(0, random.nextInt(demo.length())));
      assertRefused(folder).withMessageStartingWith(file + ": ");
    }
  }

  @Test
  void aFileThatIsNotUtf8IsRefused() throws IOException {
    Files.write(file, new byte[] {'{', '"', (byte) 0xff, '"'});
    assertRefused(folder).withMessage(file + ": not UTF-8 text");
  }

  @Test
  void aFolderInPlaceOfTheFileIsRefused() throws IOException {
    Files.createDirectory(file);
    assertRefused(folder).withMessage(file + ": not a regular file");
  }

  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void aLinkToADeviceWithoutAnEndIsRefused() throws IOException {
    Files.createSymbolicLink(file, Path.of("/dev/zero"));
    assertRefused(folder).withMessage(file + ": not a regular file");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"type\": \"BPE\" | \"type\": \"WordPiece\" | the model is of type WordPiece",
        "\"dropout\": null | \"dropout\": 0.1 | it has a dropout",
        "\"normalizer\": null | \"normalizer\": {\"type\": \"NFC\"} | it has a normalizer",
        "\"continuing_subword_prefix\": \"\" | \"continuing_subword_prefix\": \"##\" | it has a cont",
        "\"decoder\": { | \"decoder\": null, \"x\": { | expected an object",
        "\"vocab\": {\"!\": 0 | \"vocab\": {\"!\": 1 | token id 1 is given a second time",
        "\"!\": 0 | \"!\": -1 | token id -1 is not a whole number from 0 to 10000000",
        "\"!\": 0 | \"!\": 1e3 | token id 1e3 is not a whole number",
        "\"!\": 0 | \"!\": 4294967296 | token id 4294967296 is not a whole number",
        "\"id\": 1035 | \"id\": 1034 | the added token \"<|endoftext|>\" has id 1034, but is token",
        "\"a pple\" | \"a qqq\" | not a tokenizer: ",
        "\"a pple\" | \"apple\" | the merge apple is not two tokens",
        "\"a pple\" | [\"a\"] | expected a token",
        "\"a pple\" | [\"a\", \"pp\", \"le\"] | expected two tokens in a merge",
        "\"vocab\": {\"!\": 0 | \"vocab\": {\"\\u0022\": 0 | the token \" is given a second id, 1",
        "\"added_tokens\": | \"normalizer\": null, \"added_tokens\": | it has a second normalizer",
        "\"add_prefix_space\": false | \"add_prefix_space\": 0 | add_prefix_space is 0, neither",
        "\"fuse_unk\": false | \"fuse_unk\": {} | fuse_unk is {, neither true nor false",
        "\"unk_token\": null | \"unk_token\": 7 | expected a text or null as unk_token",
      })
  void whatIsNotByteLevelBpeIsRefused(String part, String replacement, String problem)
      throws IOException {
    assertThat(demo).contains(part);
    write(demo.replace(part, replacement));
    assertRefused(folder).withMessageStartingWith(file + ": " + problem);
  }

  @Test
  void aProblemInTheJsonIsReportedWithItsPlace() throws IOException {
    write("{\"model\": {\"vocab\": {\n  \"a\": true}}}");
    assertRefused(folder)
        .withMessage(
            file + ": token id true is not a whole number from 0 to 10000000 (line 2, column 8)");
  }

  private void write(String json) throws IOException {
    Files.writeString(file, json);
  }

  private String withAddedToken(String start) {
    return demo.replace(
        "\"added_tokens\": [",
        "\"added_tokens\": ["
            + start
            + "\"single_word\": false, \"lstrip\": false, \"rstrip\": false, \"normalized\": false},");
  }

  private static int[] tokens(Path folderOrFile) throws IOException {
    try (Tokenizer tokenizer = Tokenizer.load(folderOrFile)) {
      return tokenizer.toTokens(TEXT);
    }
  }

  private static ThrowableAssertAlternative<TokenizerFormatException> assertRefused(Path path) {
    return assertThatExceptionOfType(TokenizerFormatException.class)
        .isThrownBy(() -> Tokenizer.load(path));
  }
}
