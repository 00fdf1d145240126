package io.noetl.tool;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Thrown by a tool whose call goes on outside, where {@link ToolCall#aside} allows it: the call is
 * taken up again later. Not a failure, so it has no stack trace.
 */
public final class PutAside extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Map<String, @Nullable Object> goesOn;
  private final Duration look;

  /**
   * @param goesOn what the next call is given as {@code earlier}, as plain JSON values
   * @param look after how long somebody should look again
   */
  public PutAside(Map<String, @Nullable Object> goesOn, Duration look) {
    super("the call goes on outside", null, false, false);
    this.goesOn = goesOn;
    this.look = look;
  }

  public Map<String, @Nullable Object> goesOn() {
    return goesOn;
  }

  public Duration look() {
    return look;
  }
}
