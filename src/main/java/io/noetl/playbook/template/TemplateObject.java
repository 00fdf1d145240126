package io.noetl.playbook.template;

import org.jspecify.annotations.Nullable;

/**
 * A value with members of its own making, such as a step value with its fall-through members. Only
 * attribute and subscript access sees them; bound, printed or compared it is its plain value.
 */
public interface TemplateObject {
  /** Returned by {@link #member} for a member that does not exist. */
  Object UNDEFINED = new Object();

  /** The member, or {@link #UNDEFINED}. */
  @Nullable Object member(String name);

  /**
   * The element at an integer subscript, or {@link #UNDEFINED}. Negative indexes count from the
   * end.
   */
  @Nullable Object element(int index);

  /** What the receiver gets when this is bound as a value, printed, iterated or compared. */
  @Nullable Object plain();

  /** What iterating, {@code length} and {@code in} use; by default the plain value. */
  default @Nullable Object items() {
    return plain();
  }
}
