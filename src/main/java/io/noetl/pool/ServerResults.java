package io.noetl.pool;

import io.noetl.json.Json;
import io.noetl.json.JsonException;
import io.noetl.pool.ServerClient.Fetched;
import io.noetl.pool.ServerClient.UnreachableException;
import io.noetl.support.Backoff;
import io.noetl.tool.artifact.ResultReader;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.random.RandomGenerator;

/** Reads stored results from the server. Safe for use by many threads. */
public final class ServerResults implements ResultReader {
  private static final int TRIES = 5;

  private final ServerClient server;
  private final long mostBytes;

  /**
   * @param mostBytes of one result that is read into memory ({@code limits.result-body})
   */
  public ServerResults(ServerClient server, long mostBytes) {
    this.server = server;
    this.mostBytes = mostBytes;
  }

  @Override
  public ResultReader of(String tenant) {
    return new ServerResults(server.as(tenant), mostBytes);
  }

  /**
   * @throws CommandRunner.GiveBackException when the server does not answer for a while
   */
  @Override
  public Read read(String uri) throws InterruptedException {
    String path = "/api/result/resolve?ref=" + URLEncoder.encode(uri, StandardCharsets.UTF_8);
    Backoff backoff =
        new Backoff(Duration.ofMillis(200), Duration.ofSeconds(5), RandomGenerator.getDefault());
    for (int attempt = 1; ; attempt++) {
      String problem;
      try {
        Fetched fetched = server.fetch(path, mostBytes);
        if (fetched.tooLarge() > 0) {
          return new Refused(
              "too_large",
              "Expected data of at most "
                  + mostBytes
                  + " bytes (limits.result-body) to read, but the result "
                  + uri
                  + " has "
                  + fetched.tooLarge()
                  + ": name what is needed in output.select, or read it by its reference");
        }
        byte[] content = fetched.content();
        if (content != null) {
          return new Found(Json.parse(content));
        }
        if (!fetched.reply().passing()) {
          return new Refused(fetched.reply().code(), fetched.reply().error());
        }
        problem = fetched.reply().error();
      } catch (UnreachableException e) {
        problem = String.valueOf(e.getMessage());
      } catch (JsonException e) {
        return new Refused("not_json", "Expected the result " + uri + " to be JSON, but it is not");
      }
      if (attempt == TRIES) {
        throw new CommandRunner.GiveBackException("a stored result cannot be read now: " + problem);
      }
      Thread.sleep(backoff.next());
    }
  }
}
