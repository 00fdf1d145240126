package io.noetl.api;

import io.noetl.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A module and its manifest, as one form of two parts. The whole body is in memory already, within
 * the limit of the route.
 */
record ModuleUpload(byte[] module, Map<String, @Nullable Object> manifest) {
  private static final Pattern BOUNDARY =
      Pattern.compile("boundary=(?:\"([^\"]{1,70})\"|([^;\\s\"]{1,70}))");
  private static final Pattern NAME = Pattern.compile("(?i)\\bname=\"?([^\";\\r\\n]+)\"?");

  /**
   * Reads the parts {@code module} and {@code manifest}.
   *
   * @throws Problem.Refusal 400 when it is no such form, 422 when the module is missing
   */
  static ModuleUpload parse(byte[] body, String contentType) {
    Matcher matcher = BOUNDARY.matcher(contentType);
    if (!matcher.find()) {
      throw Problems.badRequest("Expected a boundary in Content-Type, but there is none").refusal();
    }
    String boundary = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
    Map<String, byte[]> parts = parts(body, ("--" + boundary).getBytes(StandardCharsets.US_ASCII));
    byte[] module = parts.get("module");
    if (module == null) {
      throw Members.missing("module");
    }
    byte[] manifest = parts.get("manifest");
    return new ModuleUpload(module, manifest == null ? Map.of() : Json.parseObject(manifest));
  }

  private static Map<String, byte[]> parts(byte[] body, byte[] delimiter) {
    Map<String, byte[]> parts = new LinkedHashMap<>();
    int at = indexOf(body, delimiter, 0);
    while (at >= 0) {
      int start = at + delimiter.length;
      int next = indexOf(body, delimiter, start);
      if (next < 0) {
        return parts;
      }
      int head = indexOf(body, new byte[] {'\r', '\n', '\r', '\n'}, start);
      if (head < 0 || head > next) {
        throw Problems.badRequest("Expected every part of the form to have headers").refusal();
      }
      String headers = new String(body, start, head - start, StandardCharsets.ISO_8859_1);
      Matcher name = NAME.matcher(headers);
      if (name.find()) {
        // A line break belongs to the delimiter that follows.
        parts.put(name.group(1), Arrays.copyOfRange(body, head + 4, Math.max(head + 4, next - 2)));
      }
      at = next;
    }
    throw Problems.badRequest("Expected the parts of a form, but the boundary does not occur")
        .refusal();
  }

  private static int indexOf(byte[] in, byte[] what, int from) {
    for (int i = from; i <= in.length - what.length; i++) {
      if (in[i] == what[0] && Arrays.equals(in, i, i + what.length, what, 0, what.length)) {
        return i;
      }
    }
    return -1;
  }
}
