package io.noetl.execution;

import io.noetl.playbook.value.References;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The addresses of data out of line. */
public final class ResultUris {
  private static final Pattern FORM =
      Pattern.compile(
          Pattern.quote(References.SCHEME)
              + "execution/(\\d{1,19})/(result|loop)/([^/]{1,1000})/(\\d{1,19})");

  private ResultUris() {}

  /**
   * What an address says.
   *
   * @param loop true for the value of a loop, made of the log; false for a stored result
   * @param name of the result, or of the loop's step
   * @param id of the result, or the visit of the loop's step
   */
  public record Address(long executionId, boolean loop, String name, long id) {}

  public static String ofResult(long executionId, String name, long resultId) {
    return uri(executionId, "result", name, resultId);
  }

  public static String ofLoop(long executionId, String step, int visit) {
    return uri(executionId, "loop", step, visit);
  }

  private static String uri(long executionId, String what, String name, long id) {
    return References.SCHEME
        + "execution/"
        + executionId
        + "/"
        + what
        + "/"
        + URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20")
        + "/"
        + id;
  }

  /** The address, or null when the text is none. */
  public static @Nullable Address parse(String uri) {
    Matcher matcher = FORM.matcher(uri);
    if (!matcher.matches()) {
      return null;
    }
    try {
      return new Address(
          Long.parseLong(matcher.group(1)),
          matcher.group(2).equals("loop"),
          URLDecoder.decode(matcher.group(3), StandardCharsets.UTF_8),
          Long.parseLong(matcher.group(4)));
    } catch (IllegalArgumentException e) {
      // Digits beyond a long, or a broken escape.
      return null;
    }
  }
}
