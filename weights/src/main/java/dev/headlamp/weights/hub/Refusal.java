package dev.headlamp.weights.hub;

/** What it means, in words, when the hub does not give something out. */
record Refusal(RepositoryId model, String what, HubSettings settings) {

  HubException exception(HubHttp.Answer answer) {
    String code = answer.header("X-Error-Code").orElse("");
    String meaning =
        switch (answer.status()) {
          case 401, 403 -> code.equals("GatedRepo") ? gated() : denied(answer.status());
          case 404 -> missing(code);
          default -> what + " cannot be fetched";
        };
    String message =
        answer.header("X-Error-Message").map(text -> ": " + Text.plain(text)).orElse("");
    return new HubException(
        "%s (%s answers %d%s)"
            .formatted(meaning, answer.address().getHost(), answer.status(), message));
  }

  private String gated() {
    return "%s is gated: ask for access at %s/%s, and set HF_TOKEN to a token of the account that has it"
        .formatted(what, settings.endpoint(), model);
  }

  private String denied(int status) {
    if (settings.token() == null) {
      return what + " does not exist or is private: check the name, or set HF_TOKEN";
    }
    return status == 401
        ? what + " cannot be read: the token is not valid, or there is no such model"
        : what + " cannot be read: the token gives no access to it";
  }

  private String missing(String code) {
    return switch (code) {
      case "RevisionNotFound" -> what + ": there is no such branch, tag or commit";
      case "EntryNotFound" -> what + ": there is no such file";
      default -> what + " is not on " + settings.endpoint() + ": check the name and the revision";
    };
  }
}
