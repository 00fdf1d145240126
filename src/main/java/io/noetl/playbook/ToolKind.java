package io.noetl.playbook;

import java.util.Locale;
import java.util.Optional;

/** The tool kinds of the language, each with what happens to it at registration and at dispatch. */
public enum ToolKind {
  HTTP,
  POSTGRES,
  DUCKDB,
  DUCKLAKE,
  PYTHON,
  SHELL,
  SCRIPT,
  PLAYBOOK,
  WORKBOOK,
  NOOP,
  TASK_SEQUENCE,
  NATS,
  TRANSFER,
  ARTIFACT,
  RESULT_FETCH,
  MCP,
  CONTAINER,
  WASM,
  /** An extension: a signal from outside, or a moment. The server alone serves it. */
  WAIT,
  // Registered so that a playbook that never reaches them still runs; refused when dispatched.
  SNOWFLAKE(false),
  SNOWFLAKE_TRANSFER(false),
  RHAI(false),
  GCS(false),
  SECRETS(false),
  GATEWAY(false),
  ITERATOR(false),
  PLAYBOOKS(false),
  SUBSCRIPTION(false),
  PROVIDER(false);

  private final boolean executable;
  private final String word;

  ToolKind() {
    this(true);
  }

  ToolKind(boolean executable) {
    this.executable = executable;
    this.word = name().toLowerCase(Locale.ROOT);
  }

  /** The word for this kind in a playbook, in events and in commands. */
  public String word() {
    return word;
  }

  /** False for kinds that are accepted in a document but are a hard error when dispatched. */
  public boolean executable() {
    return executable;
  }

  /** The kind that a document means by {@code word}, in any case. */
  public static Optional<ToolKind> of(String word) {
    String lower = word.toLowerCase(Locale.ROOT);
    for (ToolKind kind : values()) {
      if (kind.word.equals(lower)) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }
}
