package io.noetl.pool;

import io.noetl.envelope.Ids;
import io.noetl.playbook.value.OutputOptions;
import io.noetl.pool.CommandRunner.GiveBackException;
import io.noetl.pool.ServerClient.Reply;
import io.noetl.pool.ServerClient.UnreachableException;
import io.noetl.support.Backoff;
import io.noetl.tool.LargeResults;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Stores results at the server part by part, while tools make them. Holds one part of each result
 * in memory. Safe for use by many threads.
 */
public final class ResultStreams {
  private static final int TRIES = 8;

  /** The server reads all parts once before it answers. */
  private static final Duration FINISH = Duration.ofMinutes(5);

  private final ServerClient server;
  private final Limits limits;

  public ResultStreams(ServerClient server, Limits limits) {
    this.server = server;
    this.limits = limits;
  }

  /**
   * @param threshold JSON of rows from which on they are stored while they are read ({@code
   *     results.part-bytes})
   * @param bytes JSON of the rows of one result ({@code results.stream-bytes})
   * @param rows of one result ({@code results.stream-rows})
   */
  public record Limits(long threshold, long bytes, int rows) {}

  /**
   * For one command.
   *
   * @param clean takes out of a value what must not leave this process
   */
  LargeResults of(Claimed command, UnaryOperator<@Nullable Object> clean) {
    return new LargeResults() {
      @Override
      public long threshold() {
        return limits.threshold();
      }

      @Override
      public Upload begin() throws InterruptedException {
        Reply begun = tried(() -> server.as(command.tenantId()).post(path(command), Map.of()));
        if (!(begun.body().get("part_bytes") instanceof Number size)) {
          throw new GiveBackException("the server did not say how large parts may be");
        }
        long id = Ids.parse(begun.body().get("upload_id"), "upload_id");
        return new Parts(command, id, new byte[size.intValue()], clean);
      }
    };
  }

  private static String path(Claimed command) {
    return "/api/result-uploads/" + Ids.text(command.executionId());
  }

  /** Repeats what may be repeated; an answer that will not change ends the call. */
  private static Reply tried(Supplier<Reply> request) throws InterruptedException {
    Backoff backoff =
        new Backoff(Duration.ofMillis(200), Duration.ofSeconds(5), RandomGenerator.getDefault());
    for (int attempt = 1; ; attempt++) {
      String problem;
      try {
        Reply reply = request.get();
        if (reply.ok()) {
          return reply;
        }
        if (!reply.passing()) {
          throw new LargeResults.Refused(
              "result",
              reply.status() == 413 ? "RESULT_TOO_LARGE" : "RESULT_NOT_STORED",
              reply.error());
        }
        problem = reply.error();
      } catch (UnreachableException e) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        problem = String.valueOf(e.getMessage());
      }
      if (attempt == TRIES) {
        throw new GiveBackException("a result cannot be stored now: " + problem);
      }
      Thread.sleep(backoff.next());
    }
  }

  /** One result on its way. */
  private final class Parts implements LargeResults.Upload {
    private final Claimed command;
    private final long uploadId;
    private final byte[] part;
    private final UnaryOperator<@Nullable Object> clean;

    /** Where each section begins, by the number of its first part. */
    private final List<Integer> sections = new ArrayList<>(List.of(0));

    private int used;
    private int parts;
    private long bytes;
    private int items;

    Parts(Claimed command, long uploadId, byte[] part, UnaryOperator<@Nullable Object> clean) {
      this.command = command;
      this.uploadId = uploadId;
      this.part = part;
      this.clean = clean;
    }

    @Override
    public @Nullable Object clean(@Nullable Object value) {
      return clean.apply(value);
    }

    @Override
    public void counted(int more) {
      items += more;
      if (items > limits.rows()) {
        throw tooLarge(limits.rows() + " rows (results.stream-rows)");
      }
    }

    @Override
    public void write(byte[] json) throws InterruptedException {
      bytes += json.length;
      if (bytes > limits.bytes()) {
        throw tooLarge(limits.bytes() + " bytes (results.stream-bytes)");
      }
      int from = 0;
      while (from < json.length) {
        int length = Math.min(json.length - from, part.length - used);
        System.arraycopy(json, from, part, used, length);
        used += length;
        from += length;
        if (used == part.length) {
          send();
        }
      }
    }

    private LargeResults.Refused tooLarge(String limit) {
      return new LargeResults.Refused(
          "limit",
          "RESULT_TOO_LARGE",
          "Expected a result of at most "
              + limit
              + ", but it is larger: select fewer rows or columns (execution="
              + command.executionId()
              + ", step="
              + command.step()
              + ")");
    }

    private void send() throws InterruptedException {
      String path = path(command) + "/" + Ids.text(uploadId) + "/" + parts;
      byte[] content = Arrays.copyOf(part, used);
      tried(() -> server.as(command.tenantId()).put(path, "application/octet-stream", content));
      parts++;
      used = 0;
    }

    @Override
    public void next() throws InterruptedException {
      if (used > 0) {
        send();
      }
      sections.add(parts);
    }

    @Override
    public Map<String, @Nullable Object> finish(List<Integer> order, Object glance)
        throws InterruptedException {
      next();
      List<List<Integer>> layout =
          order.stream().map(i -> List.of(sections.get(i), sections.get(i + 1))).toList();
      OutputOptions options = ResultOffload.options(command);
      Map<String, @Nullable Object> described = options.described(Map.of(), clean.apply(glance));
      Map<String, @Nullable Object> meta = new LinkedHashMap<>(described);
      meta.put("correlation", ResultOffload.correlation(command));
      Map<String, @Nullable Object> body = new LinkedHashMap<>();
      body.put("name", ResultOffload.name(command.step()));
      body.put("source_step", command.step());
      body.put("ttl", options.ttl());
      body.put("scope", options.scope());
      body.put("layout", layout);
      body.put("meta", meta);
      String path = path(command) + "/" + Ids.text(uploadId);
      return ResultOffload.reference(
          tried(() -> server.as(command.tenantId()).post(path, body, FINISH)), described);
    }
  }
}
