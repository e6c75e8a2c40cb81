package dev.headlamp.weights.hub;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Two local servers that behave like the hub and the network that it serves large files from: the
 * listing of a revision, ETag and size of a small file, a redirect with X-Linked-Etag and
 * X-Linked-Size for a large one, ranges, renamed models, and faults on demand.
 */
final class FakeHub implements AutoCloseable {

  /** A request that came in; {@code server} is {@code hub} or {@code cdn}. */
  record Request(
      String server,
      String method,
      String path,
      @Nullable String authorization,
      @Nullable String range) {}

  private static final Pattern LISTING = Pattern.compile("/api/models/(.+)/revision/([^/]+)");
  private static final Pattern FILE = Pattern.compile("/(.+)/resolve/([^/]+)/([^/]+)");
  private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-");

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpServer hub = server();
  private final HttpServer cdn = server();
  private final Map<String, FakeModel> models = new ConcurrentHashMap<>();
  private final Map<String, String> renamed = new ConcurrentHashMap<>();
  private final Map<String, Deque<Fault>> faults = new ConcurrentHashMap<>();
  private final List<Request> requests = new CopyOnWriteArrayList<>();

  FakeHub() throws IOException {
    hub.createContext("/", exchange -> handle("hub", exchange));
    cdn.createContext("/", exchange -> handle("cdn", exchange));
    hub.start();
    cdn.start();
  }

  URI endpoint() {
    return address(hub);
  }

  /** Adds a model; what is put into it afterwards is served. */
  FakeModel add(String name, String commit) {
    FakeModel model = new FakeModel(commit);
    models.put(name, model);
    return model;
  }

  void rename(String from, String to) {
    renamed.put(from, to);
  }

  /**
   * Has the next requests for {@code what} answered badly, in this order: the name of a file stands
   * for requests of its bytes, {@code listing} and {@code head} for requests of a model's files and
   * of what is stated about a file.
   */
  void failNext(String what, Fault... badAnswers) {
    faults.computeIfAbsent(what, key -> new ArrayDeque<>()).addAll(List.of(badAnswers));
  }

  List<Request> requests() {
    return List.copyOf(requests);
  }

  /** Returns the requests for the bytes of large files. */
  List<Request> requestsToCdn() {
    return requests.stream().filter(request -> request.server().equals("cdn")).toList();
  }

  /** Starts a good answer with the bytes from {@code from} on, as a server with ranges does. */
  static OutputStream start(HttpExchange exchange, byte[] body, int from) throws IOException {
    boolean part = exchange.getRequestHeaders().containsKey("Range");
    if (part) {
      exchange
          .getResponseHeaders()
          .add("Content-Range", "bytes " + from + "-" + (body.length - 1) + "/" + body.length);
    }
    int count = body.length - from;
    exchange.sendResponseHeaders(part ? 206 : 200, count == 0 ? -1 : count);
    return exchange.getResponseBody();
  }

  static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
    hub.stop(0);
    cdn.stop(0);
  }

  private HttpServer server() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    return server;
  }

  private static URI address(HttpServer server) {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  private void handle(String server, HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getRawPath();
    var headers = exchange.getRequestHeaders();
    requests.add(
        new Request(
            server,
            exchange.getRequestMethod(),
            path,
            headers.getFirst("Authorization"),
            headers.getFirst("Range")));
    try (exchange) {
      Matcher listing = LISTING.matcher(path);
      Matcher file = FILE.matcher(path);
      if (server.equals("cdn")) {
        serveLarge(exchange, path);
      } else if (listing.matches()) {
        serveListing(exchange, listing);
      } else if (file.matches()) {
        serveFile(exchange, file);
      } else {
        exchange.sendResponseHeaders(404, -1);
      }
    }
  }

  private void serveListing(HttpExchange exchange, Matcher path) throws IOException {
    FakeModel model = modelOrRedirect(exchange, path.group(1));
    if (model == null || failed("listing", exchange, new byte[0])) {
      return;
    }
    byte[] json = model.listing().getBytes(StandardCharsets.UTF_8);
    try (OutputStream out = start(exchange, json, 0)) {
      out.write(json);
    }
  }

  private void serveFile(HttpExchange exchange, Matcher path) throws IOException {
    boolean head = exchange.getRequestMethod().equals("HEAD");
    FakeModel model = modelOrRedirect(exchange, path.group(1));
    if (model == null || (head && failed("head", exchange, new byte[0]))) {
      return;
    }
    FakeModel.File file = model.file(path.group(3));
    if (file == null) {
      Fault.status(404, "X-Error-Code", "EntryNotFound").answer(exchange, new byte[0], 0);
      return;
    }
    var headers = exchange.getResponseHeaders();
    headers.add("X-Repo-Commit", model.commit());
    if (file.large()) {
      headers.add("X-Linked-Etag", "\"" + file.etag() + "\"");
      headers.add("X-Linked-Size", file.statedSize());
      headers.add("Location", address(cdn) + "/" + path.group(1) + "/" + path.group(3) + "?sig=1");
      exchange.sendResponseHeaders(302, -1);
    } else if (head) {
      headers.add("ETag", "\"" + file.etag() + "\"");
      headers.add("Content-Length", file.statedSize());
      exchange.sendResponseHeaders(200, -1);
    } else {
      serveBytes(exchange, path.group(3), file.bytes());
    }
  }

  private void serveLarge(HttpExchange exchange, String path) throws IOException {
    int slash = path.lastIndexOf('/');
    FakeModel model = models.get(path.substring(1, slash));
    String name = path.substring(slash + 1);
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.sendResponseHeaders(200, -1);
    } else {
      serveBytes(exchange, name, model.file(name).bytes());
    }
  }

  private void serveBytes(HttpExchange exchange, String name, byte[] body) throws IOException {
    if (failed(name, exchange, body)) {
      return;
    }
    int from = from(exchange);
    if (from >= body.length && from > 0) {
      exchange.sendResponseHeaders(416, -1);
      return;
    }
    try (OutputStream out = start(exchange, body, from)) {
      out.write(body, from, body.length - from);
    }
  }

  private boolean failed(String what, HttpExchange exchange, byte[] body) throws IOException {
    Deque<Fault> waiting = faults.getOrDefault(what, new ArrayDeque<>());
    Fault fault;
    synchronized (waiting) {
      fault = waiting.poll();
    }
    if (fault != null) {
      fault.answer(exchange, body, from(exchange));
    }
    return fault != null;
  }

  private @Nullable FakeModel modelOrRedirect(HttpExchange exchange, String name)
      throws IOException {
    String now = renamed.get(name);
    if (now != null) {
      String path =
          exchange.getRequestURI().getRawPath().replace("/" + name + "/", "/" + now + "/");
      Fault.status(307, "Location", path).answer(exchange, new byte[0], 0);
    } else if (!models.containsKey(name)) {
      Fault.status(404, "X-Error-Code", "RepoNotFound").answer(exchange, new byte[0], 0);
    }
    return now == null ? models.get(name) : null;
  }

  private static int from(HttpExchange exchange) {
    String range = exchange.getRequestHeaders().getFirst("Range");
    Matcher matcher = RANGE.matcher(range == null ? "" : range);
    return matcher.matches() ? Integer.parseInt(matcher.group(1)) : 0;
  }
}
