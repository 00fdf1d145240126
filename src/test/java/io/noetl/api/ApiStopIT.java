package io.noetl.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.postgres.Database;
import io.noetl.testing.TestPostgres;
import io.noetl.testing.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The stop waits for requests that are being answered, and for nothing else. */
@Timeout(60)
class ApiStopIT {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** Longer than any test waits: a stop that uses it up has failed. */
  private static final Duration GRACE = Duration.ofMinutes(5);

  private static Database database;

  @BeforeAll
  static void start() {
    database = TestPostgres.open();
  }

  @AfterAll
  static void stop() {
    database.close();
  }

  /** Lets each request wait at the door for as long as it is told to. */
  private static final class Door implements Access {
    private final OpenAccess open = new OpenAccess(ServerParts.INTERNAL_TOKEN);
    private final CountDownLatch waits = new CountDownLatch(1);
    private final CountDownLatch go = new CountDownLatch(1);
    private final AtomicBoolean shut = new AtomicBoolean();

    @Override
    public Decision decide(Headers headers, AccessClass wanted) {
      if (shut.getAndSet(false)) {
        waits.countDown();
        try {
          go.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IllegalStateException(e);
        }
      }
      return open.decide(headers, wanted);
    }

    @Override
    public String mode() {
      return open.mode();
    }
  }

  private static ServerParts server(int machine, Access access) {
    ApiConfig config =
        new ApiConfig("127.0.0.1", 0, List.of("*"), ServerParts.LEASE, GRACE, ApiLimits.DEFAULT);
    return new ServerParts(database, machine, config, access);
  }

  private static CompletableFuture<Void> closed(ServerParts server) {
    return CompletableFuture.runAsync(server.server::close, Thread::startVirtualThread);
  }

  private static Socket connected(ServerParts server) throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), server.server.port());
  }

  private static String ask(Socket connection) throws IOException {
    connection
        .getOutputStream()
        .write("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    byte[] reply = new byte[10_000];
    int length = connection.getInputStream().read(reply);
    return new String(reply, 0, Math.max(0, length), StandardCharsets.US_ASCII);
  }

  @Test
  void doesNotWaitForConnectionsThatAskNothing() throws Exception {
    try (ServerParts server = server(11, new OpenAccess(ServerParts.INTERNAL_TOKEN));
        Socket silent = connected(server);
        Socket idle = connected(server)) {
      assertThat(ask(idle)).startsWith("HTTP/1.1 200");

      assertThat(closed(server)).succeedsWithin(PATIENCE);

      assertThat(silent.getInputStream().read()).as("the end of the connection").isEqualTo(-1);
    }
  }

  @Test
  void answersWhatHadBegunAndRefusesWhatComesThen() throws Exception {
    Door door = new Door();
    try (ServerParts server = server(12, door);
        Socket idle = connected(server);
        HttpClient http = HttpClient.newHttpClient()) {
      assertThat(ask(idle)).startsWith("HTTP/1.1 200");
      door.shut.set(true);
      CompletableFuture<HttpResponse<String>> begun =
          http.sendAsync(
              HttpRequest.newBuilder(URI.create(server.url() + "/livez")).build(),
              HttpResponse.BodyHandlers.ofString());
      door.waits.await();

      CompletableFuture<Void> closed = closed(server);
      Waiting.until(PATIENCE, () -> "still served", () -> refuses(server));
      String late = ask(idle);
      boolean closedBefore = closed.isDone();
      door.go.countDown();

      assertThat(late)
          .startsWith("HTTP/1.1 503")
          .containsIgnoringCase("\r\nretry-after: 1\r\n")
          .containsIgnoringCase("\r\nconnection: close\r\n")
          .contains("The server is stopping");
      assertThat(closedBefore).isFalse();
      assertThat(begun).succeedsWithin(PATIENCE).returns(200, HttpResponse::statusCode);
      assertThat(closed).succeedsWithin(PATIENCE);
    }
  }

  private static boolean refuses(ServerParts server) {
    try (Socket other = connected(server)) {
      return ask(other).startsWith("HTTP/1.1 503");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
