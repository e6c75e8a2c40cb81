package dev.headlamp.weights.hub;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The body of a response, read piece by piece by the thread that wants it. Unlike the client's own
 * input stream it gives up on a server that falls silent and answers to an interrupt at once.
 */
final class BodyReader implements BodySubscriber<BodyReader>, Closeable {

  /** What the client's threads hand over. */
  private sealed interface Event {
    record Piece(List<ByteBuffer> buffers) implements Event {}

    record End() implements Event {}

    record Failure(Throwable cause) implements Event {}
  }

  private final Duration patience;
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private @Nullable Subscription subscription;
  private boolean closed;

  BodyReader(Duration patience) {
    this.patience = patience;
  }

  /**
   * Returns the next piece of the body, or an empty list at its end.
   *
   * @throws IOException when the connection breaks off or nothing comes for too long
   */
  List<ByteBuffer> next() throws IOException, InterruptedException {
    Event event = events.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
    if (event == null) {
      throw new HttpTimeoutException("nothing came for " + patience.toMillis() + " ms");
    }
    if (event instanceof Event.Failure failure) {
      throw new IOException(failure.cause().getMessage(), failure.cause());
    }
    if (event instanceof Event.Piece piece) {
      askForMore();
      return piece.buffers();
    }
    return List.of();
  }

  /**
   * Reads a whole body that is expected to be small.
   *
   * @throws HubException when it has more than {@code limit} bytes
   */
  byte[] readAll(int limit) throws IOException, InterruptedException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (List<ByteBuffer> piece = next(); !piece.isEmpty(); piece = next()) {
      for (ByteBuffer buffer : piece) {
        if (buffer.remaining() > limit - bytes.size()) {
          throw new HubException("an answer of more than " + limit + " bytes is refused");
        }
        byte[] copy = new byte[buffer.remaining()];
        buffer.get(copy);
        bytes.writeBytes(copy);
      }
    }
    return bytes.toByteArray();
  }

  /** Drops the rest of the body and the connection that it comes through. */
  @Override
  public synchronized void close() {
    closed = true;
    if (subscription != null) {
      subscription.cancel();
    }
  }

  @Override
  public CompletionStage<BodyReader> getBody() {
    return CompletableFuture.completedFuture(this);
  }

  @Override
  public synchronized void onSubscribe(Subscription given) {
    subscription = given;
    if (closed) {
      given.cancel();
    } else {
      given.request(1);
    }
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    if (buffers.isEmpty()) {
      askForMore();
    } else {
      events.add(new Event.Piece(buffers));
    }
  }

  @Override
  public void onError(Throwable cause) {
    events.add(new Event.Failure(cause));
  }

  @Override
  public void onComplete() {
    events.add(new Event.End());
  }

  private synchronized void askForMore() {
    if (subscription != null) {
      subscription.request(1);
    }
  }
}
