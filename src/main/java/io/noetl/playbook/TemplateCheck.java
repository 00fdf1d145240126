package io.noetl.playbook;

import org.jspecify.annotations.Nullable;

/** Checks template text without rendering it. Implementations are safe for use by many threads. */
public interface TemplateCheck {
  /**
   * @param template a string value of the document; without template delimiters it is always right
   * @return what is wrong, for the author; null when it compiles
   */
  @Nullable String syntaxError(String template);

  /**
   * @param guard a guard: template text, or an expression without delimiters
   * @return what is wrong, for the author; null when it compiles
   */
  @Nullable String guardSyntaxError(String guard);
}
