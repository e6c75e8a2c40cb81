package dev.headlamp.weights.hub;

import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * One request to the hub at a time, redirects followed. The token goes to the hub's own scheme,
 * host and port and nowhere else, whatever a redirect says.
 */
final class HubHttp {

  private static final int MOST_REDIRECTS = 10;
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

  private final HubSettings settings;
  private final HttpClient client;

  HubHttp(HubSettings settings) {
    this.settings = settings;
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(settings.timeout())
            .build();
  }

  /** An answer whose body has not been read; closing it drops what has not. */
  record Answer(URI address, int status, HttpHeaders headers, BodyReader body)
      implements Closeable {

    Optional<String> header(String name) {
      return headers.firstValue(name);
    }

    @Override
    public void close() {
      body.close();
    }
  }

  /**
   * Sends a GET, for the bytes from {@code from} on.
   *
   * @throws HubException when redirects lead nowhere
   * @throws IOException when the network or the server fails
   */
  Answer get(URI address, long from) throws IOException, InterruptedException {
    return send("GET", address, from, answer -> false);
  }

  /** Sends a HEAD, and follows redirects no further than the first answer that is enough. */
  Answer head(URI address, Predicate<Answer> enough) throws IOException, InterruptedException {
    return send("HEAD", address, 0, enough);
  }

  private Answer send(String method, URI address, long from, Predicate<Answer> enough)
      throws IOException, InterruptedException {
    URI current = address;
    for (int redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
      Answer answer = sendOnce(method, current, from);
      if (!REDIRECTS.contains(answer.status()) || enough.test(answer)) {
        return answer;
      }
      try (answer) {
        current = target(answer);
      }
    }
    throw new HubException(
        address + " redirects more than " + MOST_REDIRECTS + " times, at last to " + host(current));
  }

  private Answer sendOnce(String method, URI address, long from)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address)
            .method(method, HttpRequest.BodyPublishers.noBody())
            .timeout(settings.timeout())
            .header("User-Agent", "headlamp")
            // A compressed body would have another length and another ETag.
            .header("Accept-Encoding", "identity");
    if (from > 0) {
      request.header("Range", "bytes=" + from + "-");
    }
    if (settings.token() != null && isHub(address)) {
      request.header("Authorization", "Bearer " + settings.token());
    }
    HttpResponse<BodyReader> response =
        client.send(request.build(), info -> new BodyReader(settings.timeout()));
    return new Answer(address, response.statusCode(), response.headers(), response.body());
  }

  private static URI target(Answer answer) throws HubException {
    String location = answer.header("Location").orElse("");
    URI from = answer.address();
    try {
      URI target = from.resolve(location);
      boolean web = "https".equals(target.getScheme()) || "http".equals(target.getScheme());
      boolean lessSafe = "https".equals(from.getScheme()) && "http".equals(target.getScheme());
      if (!location.isEmpty() && web && !lessSafe && target.getHost() != null) {
        return target;
      }
    } catch (IllegalArgumentException e) {
      throw new HubException(from + " redirects to no address: " + Text.plain(location), e);
    }
    throw new HubException(from + " redirects to where we do not go: " + Text.plain(location));
  }

  private boolean isHub(URI address) {
    URI hub = settings.endpoint();
    return hub.getScheme().equals(address.getScheme())
        && hub.getHost().equalsIgnoreCase(address.getHost())
        && port(hub) == port(address);
  }

  private static int port(URI address) {
    boolean https = "https".equals(address.getScheme());
    return address.getPort() >= 0 ? address.getPort() : https ? 443 : 80;
  }

  /** Names an address without its query, which may hold a signature. */
  private static String host(URI address) {
    return address.getScheme() + "://" + address.getAuthority() + address.getPath();
  }
}
