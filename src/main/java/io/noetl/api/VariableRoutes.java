package io.noetl.api;

import io.noetl.envelope.Ids;
import io.noetl.envelope.Scrub;
import io.noetl.execution.ExecutionEvent.CtxWrite;
import io.noetl.execution.ExecutionIntent.SetVariables;
import io.noetl.execution.ExecutionState;
import io.noetl.journal.IntentHandler;
import io.noetl.journal.IntentReply;
import io.noetl.query.VariableHistory;
import io.noetl.query.VariableHistory.Origin;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Variables of executions. What is set or taken away here becomes an event, so a replay sees it. A
 * value is that of the state; since when and from where it is comes from the log.
 */
final class VariableRoutes implements Resource {
  private static final Set<String> TYPES =
      Set.of("user_defined", "step_result", "computed", "iterator_state");
  private static final String USER_DEFINED = "user_defined";

  /** Longest name, in characters. */
  private static final int MAX_NAME = 200;

  private final IntentHandler intents;
  private final VariableHistory history;
  private final Owners owners;
  private final VariableReads reads;
  private final ApiLimits limits;

  VariableRoutes(
      IntentHandler intents,
      VariableHistory history,
      Owners owners,
      InstantSource clock,
      ApiLimits limits) {
    this.intents = intents;
    this.history = history;
    this.owners = owners;
    this.reads = new VariableReads(clock);
    this.limits = limits;
  }

  @Override
  public void routing(Routes routes) {
    routes
        .get("/api/vars/{execution_id}", AccessClass.USER, this::list)
        .post("/api/vars/{execution_id}", AccessClass.SHARED, this::set)
        .delete("/api/vars/{execution_id}", AccessClass.USER, this::deleteAll)
        .get("/api/vars/{execution_id}/{name}", AccessClass.USER, this::one)
        .delete("/api/vars/{execution_id}/{name}", AccessClass.USER, this::delete);
  }

  private long execution(Call call) {
    long id = call.pathId("execution_id");
    owners.require(call.tenant(), id);
    return id;
  }

  private Reply list(Call call) {
    long id = execution(call);
    ExecutionState state = intents.state(id);
    int limit = call.queryNumber("limit", limits.pageSize(), 1, limits.pageSize());
    Cursors.Offset cursor = Cursors.offset(call.query("cursor"));
    int offset =
        cursor != null ? cursor.value() : call.queryNumber("offset", 0, 0, Integer.MAX_VALUE);
    List<String> names =
        state.ctx().keySet().stream().sorted().skip(offset).limit(limit + 1L).toList();
    Map<String, Origin> origins = history.origins(id);
    List<@Nullable Object> out = new ArrayList<>();
    for (String name : names.subList(0, Math.min(limit, names.size()))) {
      out.add(shown(id, name, state.ctx().get(name), origins.get(name)));
    }
    return names.size() <= limit
        ? Reply.ok(out)
        : Cursors.header(Reply.ok(out), Cursors.of(offset + limit));
  }

  private Reply one(Call call) {
    long id = execution(call);
    String name = call.path("name");
    ExecutionState state = intents.state(id);
    if (!state.ctx().containsKey(name)) {
      throw missing(id, name);
    }
    return Reply.ok(shown(id, name, state.ctx().get(name), history.origins(id).get(name)));
  }

  private static Problem.Refusal missing(long executionId, String name) {
    return Problems.notFound("execution " + executionId + " has no variable '" + name + "'")
        .refusal();
  }

  private Map<String, @Nullable Object> shown(
      long executionId, String name, @Nullable Object value, @Nullable Origin origin) {
    Object shown = scrubbed(name, value);
    String type = origin == null ? USER_DEFINED : origin.type();
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("var_name", name);
    out.put("var_type", type);
    out.put("var_value", shown);
    out.put("value", shown);
    out.put("type", type);
    if (origin != null) {
      if (origin.step() != null) {
        out.put("source_step", origin.step());
      }
      out.put("created_at", origin.at().toString());
    }
    VariableReads.Read read = reads.count(executionId, name);
    out.put("accessed_at", read.at().toString());
    out.put("access_count", read.count());
    return out;
  }

  /** By its own name, too: a variable that is called password is one. */
  private static @Nullable Object scrubbed(String name, @Nullable Object value) {
    Map<String, @Nullable Object> alone = new LinkedHashMap<>();
    alone.put(name, value);
    return Scrub.value(alone) instanceof Map<?, ?> map ? map.get(name) : null;
  }

  private record Variable(
      String name, @Nullable Object value, String type, @Nullable String sourceStep) {}

  private Reply set(Call call) {
    long id = execution(call);
    List<Variable> variables = variables(call.json());
    if (variables.isEmpty()) {
      throw Members.fault("variables", "Expected at least one variable, but there is none");
    }
    if (variables.size() > limits.batchItems()) {
      throw Members.fault(
          "variables",
          "Expected at most "
              + limits.batchItems()
              + " variables (limits.batch-items), but got "
              + variables.size());
    }
    List<CtxWrite> writes = new ArrayList<>();
    Map<String, String> types = new LinkedHashMap<>();
    String step = variables.getFirst().sourceStep();
    for (Variable variable : variables) {
      writes.add(new CtxWrite(List.of(variable.name()), variable.value()));
      types.put(variable.name(), variable.type());
      if (variable.sourceStep() != null && !variable.sourceStep().equals(step)) {
        throw Members.fault(
            "variables",
            "Expected the variables of one request to have one source_step, but got '"
                + step
                + "' and '"
                + variable.sourceStep()
                + "'");
      }
    }
    change(call.tenant(), id, new SetVariables(step, writes, List.of(), types));
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("execution_id", Ids.text(id));
    out.put("variables_set", types.size());
    out.put("var_names", List.copyOf(types.keySet()));
    out.put("status", "ok");
    return Reply.ok(out);
  }

  /** Any of the three shapes. */
  private static List<Variable> variables(Map<String, @Nullable Object> body) {
    List<Variable> variables = new ArrayList<>();
    switch (body.get("variables")) {
      case null -> variables.add(variable(body, ""));
      case List<?> list -> {
        for (int i = 0; i < list.size(); i++) {
          String place = "variables[" + i + "]";
          variables.add(variable(Members.item(list.get(i), place), place + "."));
        }
      }
      case Map<?, ?> map -> {
        String type = type(body, "");
        String step = Members.text(body, "source_step");
        map.forEach(
            (name, value) ->
                variables.add(
                    new Variable(checked(String.valueOf(name), "variables"), value, type, step)));
      }
      case Object other -> throw Members.wrong("variables", "an array or an object", other);
    }
    return variables;
  }

  private static Variable variable(Map<String, @Nullable Object> item, String place) {
    String name = Members.text(item, "var_name");
    if (name == null) {
      throw Members.missing(place + "var_name");
    }
    if (!item.containsKey("var_value")) {
      throw Members.missing(place + "var_value");
    }
    return new Variable(
        checked(name, place + "var_name"),
        item.get("var_value"),
        type(item, place),
        Members.text(item, "source_step"));
  }

  private static String type(Map<String, @Nullable Object> item, String place) {
    String type = Members.text(item, "var_type", USER_DEFINED);
    if (!TYPES.contains(type)) {
      throw Members.fault(
          place + "var_type",
          "Expected var_type to be one of "
              + String.join(", ", TYPES.stream().sorted().toList())
              + ", but got '"
              + type
              + "'");
    }
    return type;
  }

  private static String checked(String name, String place) {
    if (name.isBlank() || name.length() > MAX_NAME || name.indexOf('\0') >= 0) {
      throw Members.fault(
          place,
          "Expected the name of a variable to have 1 to "
              + MAX_NAME
              + " characters, but it has "
              + name.length());
    }
    return name;
  }

  private Reply delete(Call call) {
    long id = execution(call);
    String name = call.path("name");
    ExecutionState state = intents.state(id);
    if (!state.ctx().containsKey(name)) {
      throw missing(id, name);
    }
    change(call.tenant(), id, new SetVariables(null, List.of(), List.of(name), Map.of()));
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("execution_id", Ids.text(id));
    out.put("var_name", name);
    out.put("status", "deleted");
    return Reply.ok(out);
  }

  private Reply deleteAll(Call call) {
    long id = execution(call);
    List<String> names = intents.state(id).ctx().keySet().stream().sorted().toList();
    // Asked for also when there is none: an execution that has ended refuses.
    change(call.tenant(), id, new SetVariables(null, List.of(), names, Map.of()));
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("execution_id", Ids.text(id));
    out.put("variables_deleted", names.size());
    out.put("status", "ok");
    return Reply.ok(out);
  }

  private void change(String tenant, long executionId, SetVariables change) {
    switch (intents.handle(tenant, executionId, change)) {
      case IntentReply.Accepted _ -> {}
      case IntentReply.Rejected rejected -> throw Problems.of(rejected).refusal();
      case IntentReply.Busy busy -> throw Problems.of(busy).refusal();
      case IntentReply.Duplicate duplicate ->
          throw new IllegalStateException(
              "Expected variables not to be a repeated start (execution="
                  + duplicate.executionId()
                  + ")");
    }
  }
}
