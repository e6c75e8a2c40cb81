package dev.headlamp.weights.hub;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;

/** A way in which a server answers badly, once. */
@FunctionalInterface
interface Fault {

  /**
   * Answers a request for the bytes of {@code body} from {@code from} on; closing the exchange
   * early cuts the connection.
   */
  void answer(HttpExchange exchange, byte[] body, int from) throws IOException;

  /** Serves well up to a byte of the file, then cuts the connection. */
  static Fault cutAt(int end) {
    return (exchange, body, from) -> {
      OutputStream out = FakeHub.start(exchange, body, from);
      out.write(body, from, end - from);
      out.flush();
    };
  }

  /** Serves well up to a byte of the file, then says nothing for a while. */
  static Fault silentAt(int end, long millis) {
    return (exchange, body, from) -> {
      OutputStream out = FakeHub.start(exchange, body, from);
      out.write(body, from, end - from);
      out.flush();
      FakeHub.sleep(millis);
    };
  }

  /** Serves everything in two halves with a pause between, slow but within what is waited for. */
  static Fault slow(long millis) {
    return (exchange, body, from) -> {
      OutputStream out = FakeHub.start(exchange, body, from);
      int half = (from + body.length) / 2;
      out.write(body, from, half - from);
      out.flush();
      FakeHub.sleep(millis);
      out.write(body, half, body.length - half);
      out.close();
    };
  }

  /** Answers with a status and nothing else. */
  static Fault status(int status, String... header) {
    return (exchange, body, from) -> {
      for (int i = 0; i < header.length; i += 2) {
        exchange.getResponseHeaders().add(header[i], header[i + 1]);
      }
      exchange.sendResponseHeaders(status, -1);
    };
  }

  /** Serves other bytes, all of them whatever was asked for. */
  static Fault otherBytes(byte[] other) {
    return (exchange, body, from) -> {
      exchange.sendResponseHeaders(200, other.length);
      exchange.getResponseBody().write(other);
    };
  }

  /** Serves all bytes with status 200, as a server does that knows no ranges. */
  static Fault noRanges() {
    return (exchange, body, from) -> otherBytes(body).answer(exchange, body, from);
  }

  /** Serves from another byte than was asked for, and says so. */
  static Fault otherRange(int other) {
    return (exchange, body, from) -> {
      OutputStream out = FakeHub.start(exchange, body, other);
      out.write(Arrays.copyOfRange(body, other, body.length));
    };
  }
}
