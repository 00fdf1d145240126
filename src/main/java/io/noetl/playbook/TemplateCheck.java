package io.noetl.playbook;

import java.util.function.Function;
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

  /** A check made of two functions, for example of methods of the template engine. */
  static TemplateCheck of(
      Function<String, @Nullable String> template, Function<String, @Nullable String> guard) {
    return new TemplateCheck() {
      @Override
      public @Nullable String syntaxError(String text) {
        return template.apply(text);
      }

      @Override
      public @Nullable String guardSyntaxError(String text) {
        return guard.apply(text);
      }
    };
  }
}
