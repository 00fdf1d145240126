package io.noetl.tool;

import io.noetl.playbook.ToolKind;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One call of one tool, fully rendered.
 *
 * @param kind which tool
 * @param fields the rendered fields of the kind
 * @param input the rendered effective input; usually a map; null = none
 * @param identity where the call belongs, for messages and for names that python code sees
 * @param names the dispatch context for tools that show it to user code ({@code context} in
 *     python): plain JSON values; may be empty when the tool's text never names it
 * @param timeout limit of this call, null = the tool's own default
 * @param log receives lines that the tool writes while it runs
 * @param large stores a result while it is made, where the tool can do that
 * @param aside how the call may be put aside while it goes on outside; null = it is run to its end
 */
public record ToolCall(
    ToolKind kind,
    Map<String, @Nullable Object> fields,
    @Nullable Object input,
    Identity identity,
    Map<String, @Nullable Object> names,
    @Nullable Duration timeout,
    LineLog log,
    LargeResults large,
    @Nullable Aside aside) {

  /** A call that is run to its end, and whose result stays in memory. */
  public ToolCall(
      ToolKind kind,
      Map<String, @Nullable Object> fields,
      @Nullable Object input,
      Identity identity,
      Map<String, @Nullable Object> names,
      @Nullable Duration timeout,
      LineLog log) {
    this(kind, fields, input, identity, names, timeout, log, LargeResults.NONE, null);
  }

  /**
   * How a call may be put aside: instead of waiting for what goes on outside, the tool throws
   * {@link PutAside}, nobody holds the command for a while, and then any worker calls again.
   *
   * @param earlier what the tool has said goes on; empty in the first call. A later call has no
   *     fields and no input: what goes on was begun with them
   * @param stepLimit limit of the whole step, which is the call's timeout when it is the shorter
   *     one; null = none
   */
  public record Aside(Map<String, @Nullable Object> earlier, @Nullable Duration stepLimit) {}

  /**
   * @param executionId snowflake as digits
   * @param commandId snowflake as digits; the same on every attempt
   * @param step name of the running step
   * @param attempt which delivery of the command this is, from 1
   * @param serverUrl base address of the API
   * @param workerId name of the running worker
   * @param run which call of its command this is, from 1; the same on every attempt as long as the
   *     command takes the same way
   * @param tenantId whose command it is
   */
  public record Identity(
      String executionId,
      String commandId,
      String step,
      int attempt,
      String serverUrl,
      String workerId,
      int run,
      String tenantId) {
    /** The tenant of a server without tenants. */
    public static final String NO_TENANTS = "default";

    /** Of the first call. */
    public Identity(
        String executionId,
        String commandId,
        String step,
        int attempt,
        String serverUrl,
        String workerId) {
      this(executionId, commandId, step, attempt, serverUrl, workerId, 1, NO_TENANTS);
    }

    /** The same command's call number {@code next}. */
    public Identity at(int next) {
      return new Identity(
          executionId, commandId, step, attempt, serverUrl, workerId, next, tenantId);
    }

    /** Sent as idempotency key to services outside; the same on every attempt. */
    public String idempotencyKey() {
      return executionId + "/" + commandId;
    }
  }

  /** Where lines of a running tool go. Must be quick and safe for use by several threads. */
  @FunctionalInterface
  public interface LineLog {
    LineLog NONE = (stream, line) -> {};

    /**
     * @param stream {@code stdout} or {@code stderr}
     */
    void line(String stream, String line);
  }
}
