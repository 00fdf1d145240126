package io.noetl.wasm;

import io.noetl.json.Json;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The answer of a capability to the guest. */
public sealed interface HostReply {
  /**
   * It worked.
   *
   * @param document UTF-8 JSON; not changed after being handed over
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
  record Done(byte[] document) implements HostReply {}

  /**
   * It did not.
   *
   * @param message for the plug-in's author; says nothing the guest may not know
   */
  record Refused(HostError error, String message) implements HostReply {
    /** The detail that {@code host_reply} serves. */
    byte[] detail() {
      Map<String, @Nullable Object> detail = new LinkedHashMap<>();
      detail.put("code", error.name());
      detail.put("message", message);
      detail.put("retryable", error.retryable());
      return Json.bytes(detail);
    }
  }

  /** A reply with this JSON value. */
  static HostReply done(Map<String, ? extends @Nullable Object> value) {
    return new Done(Json.bytes(value));
  }

  /** An error with this message. */
  static HostReply refused(HostError error, String message) {
    return new Refused(error, message);
  }
}
