package io.noetl.envelope;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Hides secrets in what leaves the system: values under names that always hold one, and texts that
 * look like one. Never applied to what will be executed. Pure; safe for use by many threads.
 */
public final class Scrub {
  /** What stands in for a secret. */
  public static final String REDACTED = "[REDACTED]";

  /** Exact names, compared without case, hyphens and underscores. */
  private static final Set<String> SECRET_NAMES =
      Set.of(
          "password",
          "passwd",
          "passphrase",
          "pwd",
          "secret",
          "secretkey",
          "secretaccesskey",
          "clientsecret",
          "token",
          "accesstoken",
          "refreshtoken",
          "idtoken",
          "sessiontoken",
          "bearertoken",
          "apitoken",
          "apikey",
          "xapikey",
          "authorization",
          "proxyauthorization",
          "cookie",
          "setcookie",
          "privatekey",
          "privatekeyid",
          "connectionstring",
          "dbpassword",
          "natspassword",
          "natstoken",
          "serviceaccountjson",
          "encryptionkey");

  /** Texts that give themselves away; what the group {@code keep} holds stays readable. */
  private static final List<Pattern> SECRET_TEXTS =
      List.of(
          Pattern.compile("(?i)(?<keep>\\b(?:bearer|basic)\\s+)[A-Za-z0-9._~+/=-]{8,}"),
          Pattern.compile("(?<keep>)\\beyJ[A-Za-z0-9_-]{5,}\\.[A-Za-z0-9_-]{5,}\\.[A-Za-z0-9_-]*"),
          Pattern.compile(
              "(?<keep>)-----BEGIN [A-Z ]*PRIVATE KEY-----[\\s\\S]*?(?:-----END [A-Z ]*PRIVATE"
                  + " KEY-----|$)"),
          Pattern.compile("(?<keep>)\\b(?:AKIA|ASIA)[A-Z0-9]{16}\\b"),
          Pattern.compile("(?<keep>)\\bgh[pousr]_[A-Za-z0-9]{20,}"),
          Pattern.compile("(?<keep>)\\bgithub_pat_[A-Za-z0-9_]{20,}"),
          Pattern.compile("(?<keep>)\\bxox[abposr]-[A-Za-z0-9-]{10,}"),
          Pattern.compile("(?<keep>)\\bsk-[A-Za-z0-9_-]{20,}"),
          Pattern.compile("(?<keep>)\\b[rs]k_(?:live|test)_[A-Za-z0-9]{10,}"),
          Pattern.compile("(?<keep>)\\bAIza[A-Za-z0-9_-]{35}"),
          Pattern.compile("(?<keep>)\\bya29\\.[A-Za-z0-9_-]{20,}"),
          Pattern.compile("(?<keep>[a-z][a-z0-9+.-]*://[^\\s:/@]{0,256}:)[^\\s@/]{1,256}(?=@)"));

  /** Without one of these a text matches none of the patterns, which are dear. */
  private static final List<String> CLUES =
      List.of(
          "earer",
          "EARER",
          "asic",
          "ASIC",
          "eyJ",
          "PRIVATE KEY",
          "AKIA",
          "ASIA",
          "gh",
          "xox",
          "sk-",
          "k_live_",
          "k_test_",
          "AIza",
          "ya29.",
          "://");

  private Scrub() {}

  /**
   * The value with its secrets replaced by {@value #REDACTED}; a value without any is returned as
   * it is, not copied.
   *
   * @param value plain maps, lists, texts, numbers and booleans
   */
  public static @Nullable Object value(@Nullable Object value) {
    return switch (value) {
      case String text -> text(text);
      case Map<?, ?> map -> map(map);
      case List<?> list -> list(list);
      case null, default -> value;
    };
  }

  /** The text with its secrets replaced. */
  public static String text(String text) {
    if (text.length() < 8 || CLUES.stream().noneMatch(text::contains)) {
      return text;
    }
    String clean = text;
    for (Pattern pattern : SECRET_TEXTS) {
      clean = pattern.matcher(clean).replaceAll("${keep}" + "\\[REDACTED\\]");
    }
    return clean;
  }

  /** Whether values under this name are always secret. */
  public static boolean secretName(String name) {
    return name.length() <= 32
        && SECRET_NAMES.contains(name.toLowerCase(Locale.ROOT).replace("_", "").replace("-", ""));
  }

  private static Map<?, ?> map(Map<?, ?> map) {
    Map<Object, @Nullable Object> changed = null;
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      Object old = entry.getValue();
      Object clean =
          old != null && entry.getKey() instanceof String name && secretName(name)
              ? hidden(old)
              : value(old);
      if (clean != old) {
        if (changed == null) {
          changed = new LinkedHashMap<>(map);
        }
        changed.put(entry.getKey(), clean);
      }
    }
    return changed == null ? map : changed;
  }

  /** A flag or a count under such a name says something about the secret, and is not it. */
  private static Object hidden(Object value) {
    return value instanceof Boolean || value instanceof String text && text.isEmpty()
        ? value
        : REDACTED;
  }

  private static List<?> list(List<?> list) {
    List<@Nullable Object> changed = null;
    for (int i = 0; i < list.size(); i++) {
      Object old = list.get(i);
      Object clean = value(old);
      if (clean != old) {
        if (changed == null) {
          changed = new ArrayList<>(list);
        }
        changed.set(i, clean);
      }
    }
    return changed == null ? list : changed;
  }
}
