package dev.headlamp.weights.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelNamesTest {

  /** From TransformerLens 2.x, loading_from_pretrained.MODEL_ALIASES. */
  @ParameterizedTest
  @CsvSource({
    "gpt2, gpt2",
    "gpt2-small, gpt2",
    "GPT2-Small, gpt2",
    "gpt2-medium, gpt2-medium",
    "gpt2-large, gpt2-large",
    "gpt2-xl, gpt2-xl",
    "distilgpt2, distilgpt2",
    "distillgpt2, distilgpt2",
    "gpt2-xs, distilgpt2",
    "gpt-neo-125M, EleutherAI/gpt-neo-125M",
    "neo-small, EleutherAI/gpt-neo-125M",
    "stanford-gpt2-small-a, stanford-crfm/alias-gpt2-small-x21",
    "stanford-gpt2-small-b, stanford-crfm/battlestar-gpt2-small-x49",
    "stanford-gpt2-small-c, stanford-crfm/caprica-gpt2-small-x81",
    "stanford-gpt2-small-d, stanford-crfm/darkmatter-gpt2-small-x343",
    "stanford-gpt2-small-e, stanford-crfm/expanse-gpt2-small-x777",
    "stanford-gpt2-medium-a, stanford-crfm/arwen-gpt2-medium-x21",
    "stanford-gpt2-medium-b, stanford-crfm/beren-gpt2-medium-x49",
    "stanford-gpt2-medium-c, stanford-crfm/celebrimbor-gpt2-medium-x81",
    "stanford-gpt2-medium-d, stanford-crfm/durin-gpt2-medium-x343",
    "stanford-gpt2-medium-e, stanford-crfm/eowyn-gpt2-medium-x777",
    "alias-gpt2-small-x21, stanford-crfm/alias-gpt2-small-x21",
    "gpt2-mistral-small-a, stanford-crfm/alias-gpt2-small-x21",
    "gpt2-stanford-small-c, stanford-crfm/caprica-gpt2-small-x81",
    "gpt2-medium-small-d, stanford-crfm/durin-gpt2-medium-x343",
    "somebody/Else, somebody/Else"
  })
  void theFieldsShortNamesMeanTheModelsThatTheyMeanInTransformerLens(String alias, String name)
      throws HubException {
    assertThat(ModelNames.resolve(alias).get(0)).hasToString(name);
  }

  @Test
  void aModelThatWasMovedIsLookedForUnderBothNames() throws HubException {
    assertThat(ModelNames.resolve("gpt2-small"))
        .extracting(RepositoryId::folderName)
        .containsExactly("models--gpt2", "models--openai-community--gpt2");
    assertThat(ModelNames.resolve("openai-community/gpt2"))
        .extracting(RepositoryId::folderName)
        .containsExactly("models--openai-community--gpt2", "models--gpt2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "..",
        "../gpt2",
        "/gpt2",
        "gpt2/",
        "a/b/c",
        "a--b",
        "a..b",
        "-a",
        "a-",
        ".a",
        "a.git",
        "C:\\gpt2",
        "gpt 2",
        "gpt2?x",
        "gpt2#x",
        "gpt2%2e",
        "gpt2\n",
        "gpt²"
      })
  void whatCannotBeANameOnTheHubIsRefused(String name) {
    assertThatThrownBy(() -> ModelNames.resolve(name))
        .isInstanceOf(HubException.class)
        .hasMessageContaining("'" + name + "' is neither a folder that exists nor the name");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", ".", "..", "../x", "a/../b", "/a", "a/", "a//b", ".hidden", "a b", "a\\b", "a:b", "a\n"
      })
  void whatCannotBeARevisionIsRefused(String name) {
    assertThatThrownBy(() -> Revision.of(name))
        .isInstanceOf(HubException.class)
        .hasMessageContaining("revision (" + name + ") must be a branch, a tag or a commit");
  }

  @Test
  void aRevisionIsOneStepOfAnAddress() throws HubException {
    assertThat(Revision.of("refs/pr/1").inAddress()).isEqualTo("refs%2Fpr%2F1");
    assertThat(Revision.of("checkpoint-100").inAddress()).isEqualTo("checkpoint-100");
  }
}
