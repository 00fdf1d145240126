package io.noetl.tool.postgres;

import io.noetl.tool.InvalidConfig;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Takes connection strings apart: {@code jdbc:postgresql://...}, {@code postgresql://...}, and
 * words such as {@code host=h dbname=d}. The result has the members {@code host, port, database,
 * user, password, schema, sslmode, sslrootcert, options}, as far as they are given.
 */
final class Dsn {
  /** Parameters that some client knows and that change nothing here. */
  private static final Set<String> OVERLOOKED =
      Set.of(
          "application_name",
          "applicationname",
          "connect_timeout",
          "connecttimeout",
          "logintimeout",
          "sockettimeout",
          "client_encoding",
          "target_session_attrs",
          "targetservertype",
          "gssencmode",
          "channel_binding",
          "keepalives",
          "keepalives_idle",
          "keepalives_interval",
          "keepalives_count",
          "tcpkeepalive",
          "preparethreshold",
          "rewritebatchedinserts",
          "stringtype",
          "fallback_application_name");

  private Dsn() {}

  /**
   * @throws InvalidConfig when the text is none of these forms; the message never quotes it
   */
  static Map<String, String> parse(String text) {
    String dsn = text.strip();
    if (dsn.startsWith("jdbc:")) {
      dsn = dsn.substring(5);
    }
    for (String scheme : new String[] {"postgresql:", "postgres:"}) {
      if (dsn.startsWith(scheme)) {
        return url(dsn.substring(scheme.length()));
      }
    }
    // SQLAlchemy names its driver in the scheme.
    if (dsn.startsWith("postgresql+") && dsn.contains("://")) {
      return url(dsn.substring(dsn.indexOf("://") + 1));
    }
    if (dsn.contains("=")) {
      return words(dsn);
    }
    throw invalid("to be jdbc:postgresql://..., postgresql://... or words such as host=h dbname=d");
  }

  private static Map<String, String> url(String rest) {
    Map<String, String> members = new LinkedHashMap<>();
    int query = rest.indexOf('?');
    String before = query < 0 ? rest : rest.substring(0, query);
    if (before.startsWith("//")) {
      String body = before.substring(2);
      int slash = body.indexOf('/');
      authority(slash < 0 ? body : body.substring(0, slash), members);
      put(members, "database", slash < 0 ? "" : decoded(body.substring(slash + 1)));
    } else {
      put(members, "database", decoded(before));
    }
    if (query >= 0) {
      for (String pair : rest.substring(query + 1).split("&")) {
        int equals = pair.indexOf('=');
        if (equals > 0) {
          member(members, decoded(pair.substring(0, equals)), decoded(pair.substring(equals + 1)));
        }
      }
    }
    return members;
  }

  private static void authority(String authority, Map<String, String> members) {
    int at = authority.lastIndexOf('@');
    if (at >= 0) {
      String login = authority.substring(0, at);
      int colon = login.indexOf(':');
      put(members, "user", decoded(colon < 0 ? login : login.substring(0, colon)));
      put(members, "password", colon < 0 ? "" : decoded(login.substring(colon + 1)));
    }
    String place = authority.substring(at + 1);
    if (place.contains(",")) {
      throw invalid("to name one host");
    }
    int bracket = place.lastIndexOf(']');
    int colon = place.indexOf(':', Math.max(bracket, 0));
    String host = colon < 0 ? place : place.substring(0, colon);
    put(members, "host", decoded(host.replace("[", "").replace("]", "")));
    put(members, "port", colon < 0 ? "" : place.substring(colon + 1));
  }

  private static Map<String, String> words(String text) {
    Map<String, String> members = new LinkedHashMap<>();
    int at = 0;
    while (at < text.length()) {
      if (Character.isWhitespace(text.charAt(at))) {
        at++;
        continue;
      }
      int equals = text.indexOf('=', at);
      if (equals < 0) {
        throw invalid("to be words such as host=h dbname=d");
      }
      String name = text.substring(at, equals).strip();
      StringBuilder value = new StringBuilder();
      at = equals + 1;
      while (at < text.length() && text.charAt(at) == ' ') {
        at++;
      }
      boolean quoted = at < text.length() && text.charAt(at) == '\'';
      if (quoted) {
        at++;
      }
      while (at < text.length()) {
        char c = text.charAt(at++);
        if (quoted ? c == '\'' : Character.isWhitespace(c)) {
          break;
        }
        if (c == '\\' && at < text.length()) {
          c = text.charAt(at++);
        }
        value.append(c);
      }
      member(members, name, value.toString());
    }
    return members;
  }

  private static void member(Map<String, String> members, String name, String value) {
    String word = name.toLowerCase(Locale.ROOT);
    switch (word) {
      case "host", "hostaddr" -> put(members, "host", value);
      case "port" -> put(members, "port", value);
      case "dbname", "database" -> put(members, "database", value);
      case "user", "username" -> put(members, "user", value);
      case "password" -> put(members, "password", value);
      case "currentschema", "search_path" -> put(members, "schema", value);
      case "sslmode" -> put(members, "sslmode", value);
      case "ssl" -> members.putIfAbsent("sslmode", value.equals("false") ? "disable" : "require");
      case "sslrootcert" -> put(members, "sslrootcert", value);
      case "options" -> put(members, "options", value);
      default -> {
        if (!OVERLOOKED.contains(word)) {
          throw invalid("to have known parameters, and it has '" + name + "'");
        }
      }
    }
  }

  private static void put(Map<String, String> members, String name, String value) {
    if (!value.isEmpty()) {
      members.put(name, value);
    }
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw invalid("to have percent signs only before two hexadecimal digits");
    }
  }

  private static InvalidConfig invalid(String expected) {
    return new InvalidConfig(
        "Invalid postgres config: expected field 'connection_string' " + expected);
  }
}
