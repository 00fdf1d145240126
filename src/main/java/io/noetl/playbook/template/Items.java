package io.noetl.playbook.template;

import java.util.ArrayList;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** A list that the running template has made, and may therefore append to. */
final class Items extends ArrayList<@Nullable Object> {
  private static final long serialVersionUID = 1L;

  Items() {}

  Items(Collection<? extends @Nullable Object> items) {
    super(items);
  }
}
