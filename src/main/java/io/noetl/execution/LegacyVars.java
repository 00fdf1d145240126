package io.noetl.execution;

import io.noetl.execution.ExecutionEvent.CtxWrite;
import io.noetl.playbook.template.Scope;
import io.noetl.playbook.template.TemplateException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Seeds variables from the legacy root key {@code vars}: rendered once, against the workload. */
final class LegacyVars {
  private final Transition transition;

  LegacyVars(Transition transition) {
    this.transition = transition;
  }

  void seed() {
    Map<String, @Nullable Object> vars = transition.definition().playbook().vars();
    if (vars.isEmpty()) {
      return;
    }
    Scope scope = DispatchScope.of(transition, transition.state());
    List<CtxWrite> writes = new ArrayList<>();
    List<String> warnings = new ArrayList<>();
    vars.forEach(
        (name, value) -> {
          Object rendered = value;
          try {
            rendered = transition.language().templates().render(value, scope);
          } catch (TemplateException e) {
            // As in the set of a step: the text is kept as it was written.
            warnings.add("vars " + name + ": " + e.getMessage());
          }
          writes.add(new CtxWrite(List.of(name), rendered));
        });
    transition.emit(new ExecutionEvent.CtxUpdated(null, writes, warnings));
  }
}
