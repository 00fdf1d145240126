package io.noetl.api;

import io.noetl.api.JobCallbacks.Taken;
import io.noetl.api.JobCallbacks.Word;
import io.noetl.command.CommandLeases;
import io.noetl.command.ParkedCommands.Begun;
import io.noetl.envelope.Ids;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Jobs of a cluster that steps wait for: how they ended, and which nobody waits for any more. */
final class ContainerRoutes implements Resource {
  /** Commands that one question may name. */
  private static final int MAX_ASKED = 1_000;

  private static final int ACCEPTED = 202;

  private final CommandLeases leases;
  private final JobCallbacks callbacks;
  private final Owners owners;

  ContainerRoutes(CommandLeases leases, JobCallbacks callbacks, Owners owners) {
    this.leases = leases;
    this.callbacks = callbacks;
    this.owners = owners;
  }

  @Override
  public void routing(Routes routes) {
    routes
        .post(
            "/api/internal/container-callback/{execution_id}/{step}",
            AccessClass.INTERNAL,
            this::callback)
        .post("/api/commands/ended", AccessClass.WORKER, this::ended);
  }

  private Reply callback(Call call) {
    long executionId = call.pathId("execution_id");
    Word word = Word.of(call.json());
    owners.require(call.tenant(), executionId);
    Taken taken = callbacks.take(call.tenant(), executionId, call.path("step"), word);
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("status", taken.status());
    if (taken.eventId() != null) {
      out.put("event_id", Ids.text(taken.eventId()));
    }
    return Reply.json(ACCEPTED, out);
  }

  private Reply ended(Call call) {
    List<@Nullable Object> commands = Members.list(call.json(), "commands");
    if (commands == null) {
      throw Members.missing("commands");
    }
    if (commands.size() > MAX_ASKED) {
      throw Members.fault(
          "commands",
          "Expected at most "
              + MAX_ASKED
              + " commands in one question, but got "
              + commands.size());
    }
    List<Begun> begun = new ArrayList<>(commands.size());
    for (int i = 0; i < commands.size(); i++) {
      Map<String, @Nullable Object> item = Members.item(commands.get(i), "commands[" + i + "]");
      begun.add(
          new Begun(
              Members.requiredId(item, "command_id"), Members.requiredId(item, "execution_id")));
    }
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put(
        "ended", begun.isEmpty() ? List.of() : ended(call, begun).stream().map(Ids::text).toList());
    return Reply.ok(out);
  }

  private List<Long> ended(Call call, List<Begun> begun) {
    if (!call.tenant().equals(Access.EVERY_TENANT)) {
      return leases.ended(call.tenant(), begun);
    }
    // A worker of all tenants keeps the jobs of all of them.
    Map<String, List<Begun>> byTenant = new LinkedHashMap<>();
    for (Begun one : begun) {
      owners
          .of(one.executionId())
          .ifPresent(tenant -> byTenant.computeIfAbsent(tenant, _ -> new ArrayList<>()).add(one));
    }
    List<Long> ended = new ArrayList<>();
    byTenant.forEach((tenant, own) -> ended.addAll(leases.ended(tenant, own)));
    return ended;
  }
}
