package io.noetl.tool.artifact;

import io.noetl.playbook.ToolKind;
import io.noetl.playbook.value.Errors;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.References;
import io.noetl.tool.Fields;
import io.noetl.tool.ToolCall;
import io.noetl.tool.ToolExecutor;
import io.noetl.tool.artifact.ResultReader.Found;
import io.noetl.tool.artifact.ResultReader.Refused;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Gives the data behind {@code result_ref} (artifact) or {@code ref} (result_fetch). */
public final class ArtifactExecutor implements ToolExecutor {
  private final ResultReader results;

  public ArtifactExecutor(ResultReader results) {
    this.results = results;
  }

  @Override
  public Outcome run(ToolCall call) throws InterruptedException {
    String action = new Fields(call.kind(), call.fields()).text("action");
    if (call.kind() == ToolKind.ARTIFACT
        && action != null
        && !action.strip().toLowerCase(Locale.ROOT).equals("get")) {
      return invalid("action '" + action + "' is not available; use action: get");
    }
    Object given = reference(call);
    String uri = given instanceof Map<?, ?> map ? References.uri(map) : text(given);
    if (uri == null || !uri.startsWith(References.SCHEME)) {
      return invalid(
          "expected "
              + names(call)[0]
              + " to be a reference such as noetl://execution/<id>/result/<name>/<id>, but got "
              + (given == null ? "null" : "'" + Fields.asText(given) + "'"));
    }
    return switch (results.of(call.identity().tenantId()).read(uri)) {
      case Found(Object data) -> Outcome.success(data);
      case Refused(String code, String sentence) ->
          code.equals("bad_ref")
              ? invalid(sentence)
              : Outcome.hard(
                  Errors.of(
                      code.equals("expired") ? "expired" : "not_found",
                      "RESULT_" + code.toUpperCase(Locale.ROOT),
                      sentence,
                      false));
    };
  }

  private static String[] names(ToolCall call) {
    return call.kind() == ToolKind.ARTIFACT
        ? new String[] {"result_ref", "ref"}
        : new String[] {"ref", "result_ref"};
  }

  /** From the fields, else from the input. */
  private static @Nullable Object reference(ToolCall call) {
    for (String name : names(call)) {
      Object field = call.fields().get(name);
      if (field != null) {
        return field;
      }
    }
    if (call.input() instanceof Map<?, ?> input) {
      for (String name : names(call)) {
        if (input.get(name) != null) {
          return input.get(name);
        }
      }
    }
    return null;
  }

  private static @Nullable String text(@Nullable Object value) {
    return value instanceof String text ? text.strip() : null;
  }

  private static Outcome invalid(String sentence) {
    return Outcome.hard(Errors.configuration("Invalid artifact config: " + sentence));
  }

  @Override
  public void close() {
    // holds nothing
  }
}
