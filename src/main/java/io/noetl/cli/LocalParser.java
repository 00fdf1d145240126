package io.noetl.cli;

import io.noetl.playbook.ParseResult;
import io.noetl.playbook.PlaybookLimits;
import io.noetl.playbook.PlaybookParser;
import io.noetl.playbook.TemplateCheck;
import io.noetl.playbook.template.TemplateLimits;
import io.noetl.playbook.template.Templates;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Checks a playbook as the server does, with the default limits. */
final class LocalParser {
  private LocalParser() {}

  static ParseResult parse(String text) {
    return parser().parse(text);
  }

  /** Why a text is no map of YAML or JSON, a fault a line; empty when it is one. */
  static List<String> documentFaults(String text) {
    return parser().faults(text).stream()
        .map(fault -> "line " + fault.line() + ": " + fault.message())
        .toList();
  }

  static Map<String, @Nullable Object> document(String text) {
    return parser().document(text);
  }

  private static PlaybookParser parser() {
    Templates templates = new Templates(TemplateLimits.DEFAULT);
    TemplateCheck check =
        new TemplateCheck() {
          @Override
          public @Nullable String syntaxError(String template) {
            return templates.syntaxError(template);
          }

          @Override
          public @Nullable String guardSyntaxError(String guard) {
            return templates.guardSyntaxError(guard);
          }
        };
    return new PlaybookParser(PlaybookLimits.DEFAULT, check);
  }
}
