package dev.headlamp.weights.hub;

import java.io.IOException;
import java.net.URI;
import java.time.Instant;

/** What is asked of the hub: the files of a revision, what it states about one, and its bytes. */
final class HubApi {

  private static final int LONGEST_LISTING = 32 << 20;
  private static final int REQUEST_TIMEOUT = 408;
  private static final int TOO_MANY_REQUESTS = 429;

  private final HubSettings settings;
  private final RetryPolicy policy;
  private final DownloadListener listener;
  private final HubHttp http;

  HubApi(HubSettings settings, RetryPolicy policy, DownloadListener listener) {
    this.settings = settings;
    this.policy = policy;
    this.listener = listener;
    this.http = new HubHttp(settings);
  }

  /** Asks which commit a revision stands for, and which files it has. */
  ModelInfo model(RepositoryId name, Revision revision) throws HubException, InterruptedException {
    URI address =
        URI.create(
            settings.endpoint() + "/api/models/" + name + "/revision/" + revision.inAddress());
    return retrying(
        "asking " + settings.endpoint() + " about " + name,
        () -> {
          try (HubHttp.Answer answer = http.get(address, 0)) {
            requireOk(answer, name, name + " at revision " + revision);
            return parse(answer, address);
          }
        });
  }

  /** Asks for the size and the checksum of a file. */
  RemoteFile file(RepositoryId name, String commit, String file)
      throws HubException, InterruptedException {
    URI address = URI.create(settings.endpoint() + "/" + name + "/resolve/" + commit + "/" + file);
    String what = file + " of " + name + " at commit " + commit;
    return retrying(
        "asking " + settings.endpoint() + " about " + what,
        () -> {
          try (HubHttp.Answer answer = http.head(address, HubApi::statesChecksum)) {
            if (!statesChecksum(answer)) {
              requireOk(answer, name, what);
            }
            return new RemoteFile(
                name, commit, file, address, checksum(answer, what), size(answer, what));
          }
        });
  }

  /**
   * Asks for the bytes of a file from {@code from} on, once.
   *
   * @return an answer of status 200 (all bytes), 206 (from there on) or 416 (nothing there)
   * @throws HubException when there is no sense in asking again
   */
  HubHttp.Answer bytes(RemoteFile file, long from) throws IOException, InterruptedException {
    HubHttp.Answer answer = http.get(file.address(), from);
    if (from > 0 && (answer.status() == 206 || answer.status() == 416)) {
      return answer;
    }
    try {
      requireOk(answer, file.model(), file.toString());
      return answer;
    } catch (IOException e) {
      answer.close();
      throw e;
    }
  }

  RetryPolicy.Tries tries(String what) {
    return policy.start(what, listener);
  }

  private interface Call<T> {
    T call() throws IOException, InterruptedException;
  }

  private <T> T retrying(String what, Call<T> call) throws HubException, InterruptedException {
    RetryPolicy.Tries tries = tries(what);
    while (true) {
      try {
        return call.call();
      } catch (HubException e) {
        throw e;
      } catch (IOException e) {
        tries.failed(e);
      }
    }
  }

  private static ModelInfo parse(HubHttp.Answer answer, URI address)
      throws IOException, InterruptedException {
    byte[] text = answer.body().readAll(LONGEST_LISTING);
    try {
      return ModelInfo.parse(text);
    } catch (IOException e) {
      throw new HubException(
          address + " does not answer like a hub: " + Text.plain(String.valueOf(e.getMessage())),
          e);
    }
  }

  private void requireOk(HubHttp.Answer answer, RepositoryId name, String what) throws IOException {
    int status = answer.status();
    if (status == 200) {
      return;
    }
    if (isTemporary(status)) {
      throw new RetryPolicy.Unavailable(
          answer.address().getHost() + " answers " + status,
          RetryAfter.of(status, answer.headers(), Instant.now()));
    }
    throw new Refusal(name, what, settings).exception(answer);
  }

  private static boolean isTemporary(int status) {
    return status >= 500 || status == REQUEST_TIMEOUT || status == TOO_MANY_REQUESTS;
  }

  private static boolean statesChecksum(HubHttp.Answer answer) {
    return answer.header("X-Linked-Etag").flatMap(Checksum::fromEtag).isPresent();
  }

  private static Checksum checksum(HubHttp.Answer answer, String what) throws HubException {
    return answer
        .header("X-Linked-Etag")
        .or(() -> answer.header("ETag"))
        .flatMap(Checksum::fromEtag)
        .orElseThrow(
            () ->
                new HubException(
                    "the hub states no SHA-256 and no git SHA-1 for "
                        + what
                        + ", so that its bytes could not be verified"));
  }

  private static long size(HubHttp.Answer answer, String what) throws HubException {
    String size =
        answer.header(statesChecksum(answer) ? "X-Linked-Size" : "Content-Length").orElse("none");
    try {
      long bytes = Long.parseLong(size);
      if (bytes >= 0) {
        return bytes;
      }
    } catch (NumberFormatException e) {
      throw new HubException("the hub states no size for " + what + ": " + Text.plain(size), e);
    }
    throw new HubException("the hub states a size below zero for " + what + ": " + size);
  }
}
