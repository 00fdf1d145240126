package io.noetl.execution;

import io.noetl.execution.ExecutionEvent.CtxWrite;
import io.noetl.playbook.Mutation;
import io.noetl.playbook.scope.FieldRenderer;
import io.noetl.playbook.scope.Mutations;
import io.noetl.playbook.scope.Mutations.Place;
import io.noetl.playbook.template.Scope;
import io.noetl.playbook.template.Templates;
import java.util.List;

/**
 * What a decision needs to read the language: templates, limits and the choice of pools. Immutable.
 */
public record Language(
    Templates templates, FieldRenderer fields, ExecutionLimits limits, PoolChooser pools) {

  public Language(Templates templates, ExecutionLimits limits, PoolChooser pools) {
    this(templates, new FieldRenderer(templates), limits, pools);
  }

  /** The same with the re-typing of strings switched on or off. */
  Language withRetyping(boolean on) {
    Templates other = templates.withRetyping(on);
    return other == templates ? this : new Language(other, limits, pools);
  }

  /** Variables that a {@code set} block of a step or arc writes, added to what was set before. */
  void write(List<Mutation> block, Place place, Scope scope, VariableWrites into) {
    Mutations.Writes rendered = Mutations.of(block, place, templates, scope);
    for (Mutations.Write write : rendered.to(Mutations.Target.CTX)) {
      into.add(new CtxWrite(write.path(), write.value()));
    }
    rendered.warnings().forEach(into::warn);
  }

  /** Whether a template text uses this word as a name. */
  static boolean mentions(String text, String word) {
    return Templates.guardWords(text).contains(word);
  }
}
