package io.noetl.tool.noop;

import io.noetl.playbook.value.Outcome;
import io.noetl.tool.Fields;
import io.noetl.tool.ToolCall;
import io.noetl.tool.ToolExecutor;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Gives {@code result} as data when the field is present, else an ok and the message. */
public final class NoopExecutor implements ToolExecutor {

  @Override
  public Outcome run(ToolCall call) {
    Map<String, @Nullable Object> fields = call.fields();
    if (fields.containsKey("result")) {
      return Outcome.success(fields.get("result"));
    }
    String message = new Fields(call.kind(), fields).text("message");
    Map<String, @Nullable Object> data = new LinkedHashMap<>();
    data.put("status", "ok");
    data.put("message", message == null ? "noop" : message);
    return Outcome.success(data);
  }

  @Override
  public void close() {
    // holds nothing
  }
}
