package io.noetl.playbook.template;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The status of a step or a call as templates see it: bound or printed it is its plain word, but
 * compared it also equals the synonyms of that word.
 *
 * @param word {@code success}, {@code error}, {@code timeout} or {@code skipped}
 */
public record StatusToken(String word) implements TemplateObject {
  private static final Set<String> GOOD = Set.of("success", "ok");
  private static final Set<String> BAD = Set.of("error", "failed");

  /** Whether a text compares equal to this token. */
  public boolean matches(String text) {
    return word.equals(text)
        || switch (word) {
          case "success" -> GOOD.contains(text);
          case "error", "timeout" -> BAD.contains(text);
          default -> false;
        };
  }

  @Override
  public Object member(String name) {
    return UNDEFINED;
  }

  @Override
  public Object element(int index) {
    return UNDEFINED;
  }

  @Override
  public @Nullable Object plain() {
    return word;
  }

  @Override
  public String toString() {
    return word;
  }
}
