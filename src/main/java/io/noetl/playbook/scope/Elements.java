package io.noetl.playbook.scope;

import static io.noetl.playbook.template.TemplateObject.UNDEFINED;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Subscripts by integer. */
final class Elements {
  private Elements() {}

  /** The element, counted from the end when negative; undefined when there is none. */
  static @Nullable Object of(List<?> list, int index) {
    int at = index < 0 ? index + list.size() : index;
    return at < 0 || at >= list.size() ? UNDEFINED : list.get(at);
  }

  /** The character of a text; undefined when it is no text or has none there. */
  static Object ofText(@Nullable Object value, int index) {
    if (!(value instanceof String text)) {
      return UNDEFINED;
    }
    int length = text.codePointCount(0, text.length());
    int at = index < 0 ? index + length : index;
    if (at < 0 || at >= length) {
      return UNDEFINED;
    }
    return Character.toString(text.codePointAt(text.offsetByCodePoints(0, at)));
  }
}
