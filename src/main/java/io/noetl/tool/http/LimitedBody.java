package io.noetl.tool.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Collects a response body. Closes the connection when the body is too large, which is a fault, or
 * when nothing more of it is wanted.
 */
final class LimitedBody implements BodySubscriber<byte[]> {
  private final int limit;
  private final String contentType;
  private final BodyEnd end;
  private final CompletableFuture<byte[]> body = new CompletableFuture<>();
  private final ByteArrayOutputStream collected = new ByteArrayOutputStream();
  private Flow.@Nullable Subscription subscription;

  LimitedBody(int limit, String contentType, BodyEnd end) {
    this.limit = limit;
    this.contentType = contentType;
    this.end = end;
  }

  /** The body has more bytes than the limit. */
  static final class TooLarge extends IOException {
    private static final long serialVersionUID = 1L;

    TooLarge(int limit) {
      super(
          "Expected a response body of at most "
              + limit
              + " bytes (http.body-limit), but it is larger");
    }
  }

  @Override
  public CompletionStage<byte[]> getBody() {
    return body;
  }

  @Override
  public void onSubscribe(Flow.Subscription to) {
    subscription = to;
    to.request(Long.MAX_VALUE);
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    for (ByteBuffer buffer : buffers) {
      if (collected.size() + buffer.remaining() > limit) {
        cancel();
        body.completeExceptionally(new TooLarge(limit));
        return;
      }
      byte[] bytes = new byte[buffer.remaining()];
      buffer.get(bytes);
      collected.writeBytes(bytes);
      if (!body.isDone() && end.reached(contentType, bytes)) {
        cancel();
        body.complete(collected.toByteArray());
        return;
      }
    }
  }

  private void cancel() {
    Flow.Subscription from = subscription;
    if (from != null) {
      from.cancel();
    }
  }

  @Override
  public void onError(Throwable problem) {
    body.completeExceptionally(problem);
  }

  @Override
  public void onComplete() {
    body.complete(collected.toByteArray());
  }
}
