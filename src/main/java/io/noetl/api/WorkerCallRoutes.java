package io.noetl.api;

import io.noetl.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Claims and reports of one worker, many in one request. Each is what it would be in a request of
 * its own, has an answer of its own, and waits for nobody else; they are decided side by side, and
 * so they meet in the same commits.
 */
final class WorkerCallRoutes implements Resource {
  private static final Logger log = LoggerFactory.getLogger(WorkerCallRoutes.class);
  private static final String EVENTS = "/api/events";
  private static final Pattern CLAIM = Pattern.compile("/api/commands/([^/]+)/claim");

  private final EventRoutes events;
  private final CommandRoutes commands;
  private final ApiLimits limits;

  WorkerCallRoutes(EventRoutes events, CommandRoutes commands, ApiLimits limits) {
    this.events = events;
    this.commands = commands;
    this.limits = limits;
  }

  @Override
  public void routing(Routes routes) {
    routes.post(
        "/api/worker/calls",
        AccessClass.WORKER,
        new Bodies.Limit("limits.batch-body", limits.batchBytes()),
        this::calls);
  }

  /** One call, read before any is answered. */
  private record One(Call call, String path, Map<String, @Nullable Object> body) {}

  private Reply calls(Call call) {
    byte[] bytes = call.bytes();
    List<@Nullable Object> items = Members.list(Json.parseSentObject(bytes), "calls");
    if (items == null) {
      throw Members.missing("calls");
    }
    if (items.size() > limits.batchItems()) {
      throw Members.fault(
          "calls",
          "Expected at most "
              + limits.batchItems()
              + " calls (limits.batch-items), but got "
              + items.size());
    }
    List<Callable<Reply>> work = new ArrayList<>(items.size());
    for (int i = 0; i < items.size(); i++) {
      String place = "calls[" + i + "]";
      Map<String, @Nullable Object> item = Members.item(items.get(i), place);
      Map<String, @Nullable Object> body = Members.map(item, "body");
      if (body == null) {
        throw Members.missing(place + ".body");
      }
      One one = new One(tenant(call, item), Members.requiredText(item, "path"), body);
      work.add(() -> answered(one, bytes.length));
    }
    List<@Nullable Object> answers = new ArrayList<>(work.size());
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Reply> answer : threads.invokeAll(work)) {
        answers.add(shown(answer.get()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Problems.unavailable("The server is stopping; try again").refusal();
    } catch (ExecutionException e) {
      throw new IllegalStateException("Expected every call to have an answer", e.getCause());
    }
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("answers", answers);
    return Reply.ok(out);
  }

  /** A worker of all tenants says of each call whose it is. */
  private static Call tenant(Call call, Map<String, @Nullable Object> item) {
    String named = Members.text(item, "tenant_id");
    if (named == null || named.equals(call.tenant())) {
      return call;
    }
    if (!call.everyTenant() || !Access.TENANT.matcher(named).matches()) {
      throw Members.fault(
          "tenant_id", "Expected no tenant_id but " + call.tenant() + ", but got '" + named + "'");
    }
    return call.as(named);
  }

  private Reply answered(One one, int bytes) {
    Call call = one.call();
    try {
      if (one.path().equals(EVENTS)) {
        return events.event(call.tenant(), one.body(), bytes);
      }
      Matcher claim = CLAIM.matcher(one.path());
      if (claim.matches()) {
        return commands.claim(call, io.noetl.envelope.Ids.parse(claim.group(1), "id"), one.body());
      }
      return Reply.of(
          Problems.notFound("Expected the path of a claim or of a report, but got " + one.path()),
          call.requestId());
    } catch (RuntimeException e) {
      Problem problem = Problems.of(e);
      if (problem == null) {
        log.error("call failed (request={}, {})", call.requestId(), one.path(), e);
        problem = Problems.internal();
      }
      return Reply.of(problem, call.requestId());
    }
  }

  private static Map<String, @Nullable Object> shown(Reply reply) {
    Map<String, @Nullable Object> answer = new LinkedHashMap<>();
    answer.put("status", reply.status());
    String retryAfter = reply.headers().get("Retry-After");
    if (retryAfter != null) {
      answer.put("retry_after_seconds", Long.parseLong(retryAfter));
    }
    byte[] body = reply.body();
    answer.put(
        "body", body == null ? null : new Json.Raw(new String(body, StandardCharsets.UTF_8)));
    return answer;
  }
}
