package io.noetl.policy.compiled;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What is compiled, each by a playbook of its own. */
public enum Part {
  /** Who a caller is: tenant and roles. */
  AUTH,
  /** What a role may. */
  RBAC;

  /** As rows, routes and command lines write it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The path of the playbook that compiles it. */
  public String playbook() {
    return "system/" + word();
  }

  /** The part of a word; null when there is none. */
  public static @Nullable Part of(String word) {
    for (Part part : values()) {
      if (part.word().equals(word)) {
        return part;
      }
    }
    return null;
  }
}
