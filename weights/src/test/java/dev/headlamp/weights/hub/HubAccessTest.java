package dev.headlamp.weights.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.headlamp.fixtures.FakeHub;
import dev.headlamp.fixtures.Fault;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who may read what, and who gets to see the token. */
class HubAccessTest extends HubTestCase {

  @Test
  void theTokenGoesToTheHubAndNowhereElse() throws IOException {
    addModel("openai-community/gpt2");
    hub.rename("gpt2", "openai-community/gpt2");

    locator(settings("hf_secret")).locate("gpt2");

    assertThat(hub.requests())
        .allSatisfy(
            request ->
                assertThat(request.authorization())
                    .isEqualTo(request.server().equals("hub") ? "Bearer hf_secret" : null));
    assertThat(hub.requestsToCdn()).hasSize(1);
  }

  @Test
  void theTokenDoesNotFollowARedirectOfTheListing() throws IOException {
    try (FakeHub elsewhere = new FakeHub()) {
      addModel("gpt2");
      hub.failNext("listing", Fault.status(307, "Location", elsewhere.endpoint() + "/x"));

      assertThatThrownBy(() -> locator(settings("hf_secret")).locate("gpt2"))
          .isInstanceOf(HubException.class);
      assertThat(elsewhere.requests())
          .singleElement()
          .extracting(FakeHub.Request::authorization)
          .isNull();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "401, '', '', gpt2 at revision main does not exist or is private: check the name",
    "401, '', hf_x, the token is not valid",
    "403, '', hf_x, the token gives no access to it",
    "401, GatedRepo, '', gpt2 at revision main is gated: ask for access at http",
    "403, GatedRepo, hf_x, set HF_TOKEN to a token of the account that has it",
    "404, RevisionNotFound, '', 'gpt2 at revision main: there is no such branch, tag or commit'",
    "404, RepoNotFound, '', gpt2 at revision main is not on http",
    "404, '', '', check the name and the revision",
    "400, '', '', cannot be fetched",
  })
  void aRefusalSaysWhatToDo(int status, String code, String token, String message) {
    addModel("gpt2");
    hub.failNext(
        "listing",
        Fault.status(status, "X-Error-Code", code, "X-Error-Message", "in the hub's words"));

    assertThatThrownBy(() -> locator(settings(token.isEmpty() ? null : token)).locate("gpt2"))
        .isInstanceOf(HubException.class)
        .hasMessageContaining(message)
        .hasMessageEndingWith("(127.0.0.1 answers " + status + ": in the hub's words)");
    assertThat(waits).isEmpty();
  }

  @Test
  void aModelThatIsGatedFileByFileIsRefusedToo() {
    addModel("gpt2");
    hub.failNext("head", Fault.status(403, "X-Error-Code", "GatedRepo"));

    assertThatThrownBy(() -> locator().locate("gpt2"))
        .hasMessageContaining("config.json of gpt2 at commit " + COMMIT + " is gated")
        .hasMessageContaining(hub.endpoint() + "/gpt2");
  }

  @Test
  void aModelThatIsNotThereIsSaid() {
    assertThatThrownBy(() -> locator().locate("no-such-model"))
        .isInstanceOf(HubException.class)
        .hasMessageContaining("no-such-model at revision main is not on " + hub.endpoint());
    assertThat(cache).doesNotExist();
  }

  @Test
  void offlineNothingIsAsked() {
    addModel("gpt2");
    assertThatThrownBy(() -> locator(settings().withOffline(true)).locate("gpt2"))
        .isInstanceOf(HubException.class);
    assertThat(hub.requests()).isEmpty();
  }
}
