package io.noetl.mode;

import io.noetl.playbook.TemplateCheck;
import io.noetl.playbook.template.Templates;
import org.jspecify.annotations.Nullable;

/** The template engine, as the parser of playbooks asks it. */
record TemplateSyntax(Templates templates) implements TemplateCheck {
  @Override
  public @Nullable String syntaxError(String template) {
    return templates.syntaxError(template);
  }

  @Override
  public @Nullable String guardSyntaxError(String guard) {
    return templates.guardSyntaxError(guard);
  }
}
