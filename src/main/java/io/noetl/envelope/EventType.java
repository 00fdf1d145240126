package io.noetl.envelope;

import java.util.Set;

/** Names of event types. Only the server may write those for which {@link #reserved} is true. */
public final class EventType {
  public static final String PLAYBOOK_STARTED = "playbook_started";
  public static final String PLAYBOOK_COMPLETED = "playbook.completed";
  public static final String PLAYBOOK_FAILED = "playbook.failed";
  public static final String PLAYBOOK_CANCELLED = "playbook.cancelled";
  public static final String EXECUTION_PAUSED = "execution.paused";
  public static final String EXECUTION_RESUMED = "execution.resumed";
  public static final String SIGNAL_RECEIVED = "signal.received";
  public static final String CTX_UPDATED = "ctx.updated";
  public static final String COMMAND_ISSUED = "command.issued";
  public static final String COMMAND_EXPIRED = "command.expired";
  public static final String COMMAND_STARTED = "command.started";
  public static final String COMMAND_COMPLETED = "command.completed";
  public static final String COMMAND_FAILED = "command.failed";
  public static final String CONTAINER_DISPATCHED = "container.dispatched";
  public static final String CALL_DONE = "call.done";
  public static final String CALL_ERROR = "call.error";
  public static final String STEP_EXIT = "step.exit";
  public static final String STEP_SKIPPED = "step.skipped";
  public static final String STEP_WAITING = "step.waiting";
  public static final String LOOP_STARTED = "loop.started";
  public static final String LOOP_DONE = "loop.done";
  public static final String EXECUTION_REPAIRED = "execution.repaired";
  public static final String CAPABILITY_CALLED = "capability.called";

  /** Longest type name, in characters. */
  public static final int MAX_LENGTH = 128;

  private static final Set<String> RESERVED =
      Set.of(
          PLAYBOOK_STARTED,
          CTX_UPDATED,
          COMMAND_ISSUED,
          "command.claimed",
          COMMAND_EXPIRED,
          "command.cancelled",
          "step.enter",
          STEP_WAITING,
          SIGNAL_RECEIVED,
          STEP_SKIPPED);

  private EventType() {}

  /** Whether only the server itself may write events of this type. */
  public static boolean reserved(String type) {
    return RESERVED.contains(type)
        || type.startsWith("playbook.")
        || type.startsWith("workflow.")
        || type.startsWith("execution.")
        || type.startsWith("loop.");
  }

  /** Whether the type ends an execution. */
  public static boolean terminal(String type) {
    return type.equals(PLAYBOOK_COMPLETED)
        || type.equals(PLAYBOOK_FAILED)
        || type.equals(PLAYBOOK_CANCELLED);
  }
}
