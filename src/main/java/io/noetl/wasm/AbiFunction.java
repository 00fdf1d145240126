package io.noetl.wasm;

import java.util.Collections;
import java.util.Optional;

/**
 * The functions a plug-in may import from the host under ABI {@code noetl.v1}, with their
 * signatures. All parameters and results are {@code i32}.
 *
 * <p>A changed meaning or signature never happens here: it is a new import module.
 */
enum AbiFunction {
  HOST_INPUT("host_input", 2, true, false),
  HOST_OUTPUT("host_output", 2, false, false),
  HOST_REPLY("host_reply", 2, true, false),
  HOST_LOG("host_log", 3, false, false),
  HOST_PUT_EVENT("host_put_event", 2, true, true),
  HOST_GET_CREDENTIAL("host_get_credential", 2, true, true),
  HOST_QUERY_PG("host_query_pg", 2, true, true),
  HOST_READ_EVENT_LOG("host_read_event_log", 2, true, true),
  HOST_MUTATE_CATALOG("host_mutate_catalog", 2, true, true),
  HOST_SYSTEM_CALL("host_system_call", 2, true, true);

  /** The import module's name, which is the ABI's major version. */
  static final String MODULE = "noetl.v1";

  /** The minor version: counts the functions that were added since. */
  static final int MINOR = 0;

  private final String wireName;
  private final int parameters;
  private final boolean returns;
  private final boolean capability;

  AbiFunction(String wireName, int parameters, boolean returns, boolean capability) {
    this.wireName = wireName;
    this.parameters = parameters;
    this.returns = returns;
    this.capability = capability;
  }

  /** The name in the import section. */
  String wireName() {
    return wireName;
  }

  /** How many {@code i32} parameters the function takes. */
  int parameters() {
    return parameters;
  }

  /** Whether the function returns one {@code i32}. */
  boolean returns() {
    return returns;
  }

  /** Whether a grant is needed; the memory copies need none. */
  boolean capability() {
    return capability;
  }

  /** The signature as {@code (i32, i32) -> i32}. */
  String signature() {
    return "("
        + String.join(", ", Collections.nCopies(parameters, "i32"))
        + ") -> "
        + (returns ? "i32" : "()");
  }

  static Optional<AbiFunction> named(String wireName) {
    for (AbiFunction function : values()) {
      if (function.wireName.equals(wireName)) {
        return Optional.of(function);
      }
    }
    return Optional.empty();
  }
}
