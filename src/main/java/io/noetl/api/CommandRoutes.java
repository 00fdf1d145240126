package io.noetl.api;

import io.noetl.command.Claim;
import io.noetl.command.CommandLeases;
import io.noetl.command.CommandQueue.Beat;
import io.noetl.command.CommandQueue.ClaimRequest;
import io.noetl.command.CommandQueue.CommandRow;
import io.noetl.command.ParkedCommands.Parked;
import io.noetl.envelope.EventType;
import io.noetl.envelope.ExecutionStatus;
import io.noetl.envelope.Ids;
import io.noetl.json.Json;
import io.noetl.playbook.value.ParkedJob;
import io.noetl.query.CommandPages;
import io.noetl.query.EventPages;
import io.noetl.query.EventRow;
import io.noetl.query.ExecutionRow;
import io.noetl.query.Executions;
import io.noetl.upkeep.DeadMessages;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Commands: claim, keep, give back, look at. The id of a command is that of its issued event. */
final class CommandRoutes implements Resource {
  /** Commands that one heartbeat may name. */
  private static final int MAX_BEATS = 1_000;

  /** Longest document about what goes on outside, in characters. */
  private static final int MAX_PARKED = 16_384;

  private static final Duration LONGEST_DELAY = Duration.ofHours(1);

  private final CommandLeases leases;
  private final CommandPages pages;
  private final DeadMessages messages;
  private final EventPages events;
  private final JobCallbacks callbacks;
  private final Executions executions;
  private final ApiConfig config;
  private final InstantSource clock;

  CommandRoutes(
      CommandLeases leases,
      CommandPages pages,
      DeadMessages messages,
      EventPages events,
      Executions executions,
      JobCallbacks callbacks,
      ApiConfig config,
      InstantSource clock) {
    this.leases = leases;
    this.pages = pages;
    this.messages = messages;
    this.events = events;
    this.executions = executions;
    this.callbacks = callbacks;
    this.config = config;
    this.clock = clock;
  }

  @Override
  public void routing(Routes routes) {
    routes
        .get("/api/commands", AccessClass.USER, this::list)
        .post("/api/commands/heartbeat", AccessClass.WORKER, this::heartbeats)
        .get("/api/commands/{id}", AccessClass.WORKER, this::one)
        .post("/api/commands/{id}/claim", AccessClass.WORKER, this::claim)
        .post("/api/commands/{id}/heartbeat", AccessClass.WORKER, this::heartbeat)
        .post("/api/commands/{id}/release", AccessClass.WORKER, this::release);
  }

  private Reply claim(Call call) {
    return claim(call, call.pathId("id"), call.json());
  }

  /** Claims for the caller, whose request may hold more than this. */
  Reply claim(Call call, long id, Map<String, @Nullable Object> body) {
    String worker = Members.requiredText(body, "worker_id");
    Duration lease = lease(Members.number(body, "lease_seconds"));
    // A worker of one tenant has no part in turns between tenants.
    String pool = call.everyTenant() ? Members.text(body, "pool") : null;
    boolean other = Members.flag(body, "other", false);
    return switch (leases.claim(new ClaimRequest(id, worker, lease, pool, other))) {
      case Claim.Granted granted -> {
        if (!call.everyTenant() && !granted.tenantId().equals(call.tenant())) {
          leases.release(granted.commandId(), worker, granted.fence(), Duration.ZERO);
          throw notFound(id);
        }
        yield Reply.ok(CommandAnswers.of(granted, lease));
      }
      case Claim.LeaseActive(String claimedBy, Instant until, _) ->
          Reply.of(leaseActive(id, claimedBy, until), call.requestId());
      case Claim.Paused _ ->
          Reply.of(
              Problems.conflict(
                  "execution_paused",
                  "the execution of command "
                      + id
                      + " is paused; the command is offered again when it is resumed"),
              call.requestId());
      case Claim.Dead(String reason) ->
          Reply.of(
              Problems.conflict(
                  "already_terminal",
                  "command " + id + " is dead" + (reason == null ? "" : ": " + reason)),
              call.requestId());
      case Claim.NotOpen _ ->
          Reply.of(
              ended(tenant(call, body), id, Members.id(body, "execution_id")), call.requestId());
    };
  }

  private Problem leaseActive(long id, @Nullable String claimedBy, Instant until) {
    long seconds = Duration.between(clock.instant(), until).toSeconds() + 1;
    int retry = (int) Math.clamp(seconds, 1L, ApiConfig.LONGEST_LEASE.toSeconds());
    Problem problem =
        Problems.conflict("lease_active", "command " + id + " is held by another worker")
            .with("claimed_by", claimedBy);
    return (until.equals(Instant.EPOCH) ? problem : problem.with("lease_until", until.toString()))
        .retryAfter(retry);
  }

  /**
   * A command that is not in the queue: it ended, or never was. Workers name its execution, whose
   * row then says enough: after a loss of the bus thousands may ask, and none must cost a search in
   * the log.
   */
  private Problem ended(String tenant, long id, @Nullable Long named) {
    Optional<ExecutionRow> execution =
        Optional.ofNullable(named)
            .or(() -> issued(tenant, id).map(EventRow::executionId))
            .flatMap(found -> executions.find(tenant, found));
    if (execution.isEmpty()) {
      return notFound(id).problem();
    }
    ExecutionRow row = execution.get();
    return row.status() == ExecutionStatus.CANCELLED
        ? Problems.conflict(
            "execution_cancelled", "execution " + row.executionId() + " was cancelled")
        : Problems.conflict(
            "already_terminal",
            "command " + id + " of execution " + row.executionId() + " has ended");
  }

  /** A worker of all tenants does not know whose a command was that it does not get. */
  private String tenant(Call call, Map<String, @Nullable Object> body) {
    Long execution =
        call.tenant().equals(Access.EVERY_TENANT) ? Members.id(body, "execution_id") : null;
    return execution == null ? call.tenant() : executions.tenantOf(execution).orElse(call.tenant());
  }

  private Optional<EventRow> issued(String tenant, long id) {
    return events.byId(tenant, id).filter(event -> event.type().equals(EventType.COMMAND_ISSUED));
  }

  private static Problem.Refusal notFound(long id) {
    return Problems.notFound("command " + id + " not found").refusal();
  }

  private Duration lease(@Nullable Long seconds) {
    if (seconds == null) {
      return config.lease();
    }
    long shortest =
        Math.clamp(config.lease().toSeconds(), 1L, ApiConfig.SHORTEST_LEASE.toSeconds());
    return Duration.ofSeconds(Math.clamp(seconds, shortest, ApiConfig.LONGEST_LEASE.toSeconds()));
  }

  private Reply one(Call call) {
    long id = call.pathId("id");
    Optional<CommandRow> open = leases.row(id).filter(row -> row.tenantId().equals(call.tenant()));
    if (open.isPresent()) {
      return Reply.ok(shown(open.get(), true));
    }
    EventRow issued = issued(call.tenant(), id).orElseThrow(() -> notFound(id));
    return Reply.ok(shownEnded(id, issued));
  }

  private Map<String, @Nullable Object> shownEnded(long id, EventRow issued) {
    Map<String, @Nullable Object> stored = Json.parseObject(issued.payload());
    Map<String, @Nullable Object> context = Members.mapIfAny(stored, "context");
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("execution_id", Ids.text(issued.executionId()));
    out.put("command_id", Ids.text(id));
    out.put("event_id", Ids.text(id));
    out.put("node_id", stored.get("step"));
    out.put("node_name", stored.get("step"));
    if (context != null) {
      out.put("action", context.get("action"));
      out.put("pool", context.get("pool"));
      Map<String, @Nullable Object> meta = new LinkedHashMap<>();
      meta.put("visit", context.get("visit"));
      if (context.get("iteration") != null) {
        meta.put("iteration", context.get("iteration"));
      }
      out.put("meta", meta);
    }
    Optional<EventPages.Finished> end = events.finished(issued.executionId(), id);
    String status =
        end.map(event -> event.type().equals(EventType.CALL_DONE) ? "COMPLETED" : "FAILED")
            .orElse("CANCELLED");
    out.put("status", status);
    end.ifPresent(event -> out.put("attempt", event.attempt()));
    return out;
  }

  private static Map<String, @Nullable Object> shown(CommandRow row, boolean withContext) {
    Map<String, @Nullable Object> meta = new LinkedHashMap<>();
    meta.put("visit", row.visit());
    if (row.iteration() != null) {
      meta.put("iteration", row.iteration());
    }
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("execution_id", Ids.text(row.executionId()));
    out.put("command_id", Ids.text(row.commandId()));
    out.put("event_id", Ids.text(row.commandId()));
    out.put("node_id", row.step());
    out.put("node_name", row.step());
    out.put("action", row.kind());
    out.put("pool", row.pool());
    if (withContext) {
      out.put("context", new Json.Raw(row.contextJson()));
    }
    out.put("meta", meta);
    boolean dead = row.status().equals("DEAD");
    out.put("status", dead ? "FAILED" : row.status());
    if (dead) {
      out.put("dead", true);
    }
    out.put("attempt", row.attempt());
    out.put("fence", row.fence());
    if (row.workerId() != null) {
      out.put("worker_id", row.workerId());
    }
    if (row.leaseUntil() != null) {
      out.put("lease_until", row.leaseUntil().toString());
    }
    if (row.parkedJson() != null) {
      out.put("parked", new Json.Raw(row.parkedJson()));
    }
    if (row.reason() != null) {
      out.put("reason", row.reason());
    }
    return out;
  }

  private Reply list(Call call) {
    int limit =
        call.queryNumber("limit", config.limits().usualPageSize(), 1, config.limits().pageSize());
    String dead = call.query("dead");
    String status = call.query("status");
    List<CommandRow> rows =
        pages.list(
            call.tenant(),
            new CommandPages.Filter(
                status == null ? null : status.toUpperCase(java.util.Locale.ROOT),
                dead == null ? null : (Boolean) call.queryFlag("dead"),
                call.query("pool"),
                call.queryId("execution_id"),
                Cursors.before(call.query("cursor")),
                limit));
    List<@Nullable Object> items = new ArrayList<>(rows.size());
    rows.forEach(row -> items.add(shown(row, false)));
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("items", items);
    out.put("count", items.size());
    if (dead != null && call.queryFlag("dead") && call.query("cursor") == null) {
      // What announced work, or an event, and could not be read or was of nobody.
      out.put(
          "messages",
          messages.list(call.tenant(), limit).stream().map(DeadLetterRoutes::shown).toList());
    }
    if (rows.size() == limit) {
      out.put("next_cursor", Cursors.before(rows.getLast().commandId()));
    }
    return Cursors.header(Reply.ok(out), out.get("next_cursor"));
  }

  private Reply heartbeat(Call call) {
    Map<String, @Nullable Object> body = call.json();
    Beat beat =
        new Beat(call.pathId("id"), fence(body, "fence"), Members.requiredText(body, "worker_id"));
    Duration lease = lease(Members.number(body, "lease_seconds"));
    return Reply.ok(beaten(call, List.of(beat), lease).getFirst());
  }

  private Reply heartbeats(Call call) {
    Map<String, @Nullable Object> body = call.json();
    String worker = Members.requiredText(body, "worker_id");
    List<@Nullable Object> commands = Members.list(body, "commands");
    if (commands == null) {
      throw Members.missing("commands");
    }
    if (commands.size() > MAX_BEATS) {
      throw Members.fault(
          "commands",
          "Expected at most "
              + MAX_BEATS
              + " commands in one heartbeat, but got "
              + commands.size());
    }
    List<Beat> beats = new ArrayList<>(commands.size());
    for (int i = 0; i < commands.size(); i++) {
      String place = "commands[" + i + "]";
      Map<String, @Nullable Object> item = Members.item(commands.get(i), place);
      Long id = Members.id(item, "command_id");
      beats.add(
          new Beat(
              id != null ? id : Members.requiredId(item, "event_id"),
              fence(item, "fence"),
              worker));
    }
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    Duration lease = lease(Members.number(body, "lease_seconds"));
    out.put("commands", beats.isEmpty() ? List.of() : beaten(call, beats, lease));
    return Reply.ok(out);
  }

  private static long fence(Map<String, @Nullable Object> body, String name) {
    Long fence = Members.number(body, name);
    if (fence == null) {
      throw Members.missing(name);
    }
    return fence;
  }

  private List<Map<String, @Nullable Object>> beaten(Call call, List<Beat> beats, Duration lease) {
    List<Beat> own = beats.stream().filter(beat -> mayKnow(call, beat.commandId())).toList();
    Map<Long, Instant> kept = own.isEmpty() ? Map.of() : leases.heartbeat(own, lease);
    List<Map<String, @Nullable Object>> out = new ArrayList<>(beats.size());
    for (Beat beat : beats) {
      Instant until = kept.get(beat.commandId());
      Map<String, @Nullable Object> answer = new LinkedHashMap<>();
      answer.put("event_id", Ids.text(beat.commandId()));
      answer.put("command_id", Ids.text(beat.commandId()));
      if (until != null) {
        answer.put("status", "ok");
        answer.put("lease_until", until.toString());
      } else {
        boolean open =
            mayKnow(call, beat.commandId())
                && leases
                    .row(beat.commandId())
                    .filter(row -> !row.status().equals("DEAD"))
                    .isPresent();
        answer.put("status", open ? "stale_fence" : "terminal");
      }
      // Whoever does not hold the command any more works for nothing.
      answer.put("cancel", until == null);
      out.add(answer);
    }
    return out;
  }

  /** False for a command of another tenant; asked only where callers have one of their own. */
  private boolean mayKnow(Call call, long id) {
    return call.caller().reach() != Caller.Reach.ONE_TENANT
        || leases.row(id).filter(row -> !row.tenantId().equals(call.tenant())).isEmpty();
  }

  private Reply release(Call call) {
    long id = call.pathId("id");
    if (!mayKnow(call, id)) {
      throw notFound(id);
    }
    Map<String, @Nullable Object> body = call.json();
    Long seconds = Members.number(body, "delay_seconds");
    Long millis = Members.number(body, "delay_ms");
    Duration delay =
        Duration.ofMillis(
            Math.clamp(
                millis != null ? millis : seconds == null ? 0L : seconds * 1_000,
                0L,
                LONGEST_DELAY.toMillis()));
    String worker = Members.requiredText(body, "worker_id");
    Map<String, @Nullable Object> parked = Members.map(body, "parked");
    boolean released =
        parked == null
            ? leases.release(id, worker, fence(body, "fence"), delay)
            : parked(call, id, worker, fence(body, "fence"), parked, delay);
    if (!released) {
      return Reply.of(
          Problems.conflict(
              "stale_fence", "command " + id + " is not held by this worker with this fence"),
          call.requestId());
    }
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("status", "ok");
    out.put("event_id", Ids.text(id));
    out.put("command_id", Ids.text(id));
    return Reply.ok(out);
  }

  /** The command's work goes on outside; what was told about its end before counts now. */
  private boolean parked(
      Call call,
      long id,
      String worker,
      long fence,
      Map<String, @Nullable Object> parked,
      Duration delay) {
    String document = Json.text(parked);
    if (document.length() > MAX_PARKED) {
      throw Members.fault(
          "parked",
          "Expected parked of at most "
              + MAX_PARKED
              + " characters as JSON, but it has "
              + document.length());
    }
    try {
      ParkedJob.fromMap(parked);
    } catch (IllegalArgumentException e) {
      throw Members.fault("parked", String.valueOf(e.getMessage()));
    }
    Optional<Parked> done = leases.park(id, worker, fence, document, delay);
    String noted = done.map(Parked::callbackJson).orElse(null);
    if (noted != null) {
      leases
          .row(id)
          .ifPresent(
              row -> callbacks.takeNoted(call.tenant(), row.executionId(), row.step(), noted));
    }
    return done.isPresent();
  }
}
