package io.noetl.tool.process;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** The environment that code of playbooks may see: the worker's, without the platform's secrets. */
public final class ChildEnvironment {
  /**
   * Names that are never passed on; a {@code *} stands for any text. The platform's settings as a
   * whole, the connection variables of its stores, and what is named as a secret by custom.
   */
  public static final List<String> SECRET_NAMES =
      List.of(
          "NOETL_*",
          "POSTGRES_*",
          "PG*",
          "NATS_*",
          "JDBC_*",
          "*DATABASE_URL*",
          "*ENCRYPTION_KEY*",
          "*_TOKEN",
          "*_PASSWORD",
          "*_SECRET");

  private ChildEnvironment() {}

  /**
   * @param worker environment of the worker
   * @param moreSecretNames further patterns like those of {@link #SECRET_NAMES}
   * @return the variables whose names match no pattern (in any case of letters), sorted by name
   */
  public static Map<String, String> of(Map<String, String> worker, List<String> moreSecretNames) {
    Map<String, String> kept = new TreeMap<>(worker);
    for (List<String> patterns : List.of(SECRET_NAMES, moreSecretNames)) {
      for (String pattern : patterns) {
        Pattern regex = Pattern.compile(regex(pattern), Pattern.CASE_INSENSITIVE);
        kept.keySet().removeIf(name -> regex.matcher(name).matches());
      }
    }
    return new LinkedHashMap<>(kept);
  }

  private static String regex(String pattern) {
    return Pattern.quote(pattern).replace("*", "\\E.*\\Q");
  }
}
