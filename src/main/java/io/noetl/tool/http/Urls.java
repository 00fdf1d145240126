package io.noetl.tool.http;

import io.noetl.tool.Fields;
import io.noetl.tool.InvalidConfig;
import java.net.IDN;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Addresses and query texts as people write them. */
final class Urls {
  private static final String ALSO_ILLEGAL = "\"<>\\^`{|}[]";

  private Urls() {}

  /**
   * Reads an address leniently: characters that an address may not hold are encoded, names with
   * other letters than ASCII are translated, a fragment is dropped.
   *
   * @throws InvalidConfig when it is no absolute http or https address
   */
  static URI parse(String written) {
    String text = written.strip();
    int authority = text.indexOf("://");
    if (authority < 0) {
      throw invalid(written, "it has no http:// or https:// at its start");
    }
    String scheme = text.substring(0, authority).toLowerCase(Locale.ROOT);
    if (!scheme.equals("http") && !scheme.equals("https")) {
      throw invalid(written, "its scheme is neither http nor https");
    }
    int rest = authority + 3;
    while (rest < text.length() && "/?#".indexOf(text.charAt(rest)) < 0) {
      rest++;
    }
    int fragment = text.indexOf('#', rest);
    String tail = text.substring(rest, fragment < 0 ? text.length() : fragment);
    try {
      String host = ascii(text.substring(authority + 3, rest));
      URI uri = new URI(scheme + "://" + host + encodeIllegal(tail));
      if (uri.getHost() == null) {
        throw invalid(written, "it has no usable host");
      }
      return uri;
    } catch (URISyntaxException e) {
      throw invalid(written, String.valueOf(e.getReason()));
    } catch (IllegalArgumentException e) {
      throw invalid(written, "its host is no name");
    }
  }

  /** The address with these parameters added to its query. */
  static URI withParameters(URI uri, Map<String, ? extends @Nullable Object> parameters) {
    String added = encode(parameters);
    if (added.isEmpty()) {
      return uri;
    }
    String query = uri.getRawQuery();
    String path = uri.getRawPath();
    return URI.create(
        uri.getScheme()
            + "://"
            + uri.getRawAuthority()
            + (path == null || path.isEmpty() ? "/" : path)
            + "?"
            + (query == null || query.isEmpty() ? added : query + "&" + added));
  }

  /** The address without user and password. */
  static URI withoutUser(URI uri) {
    if (uri.getRawUserInfo() == null) {
      return uri;
    }
    String text = uri.toString();
    int start = text.indexOf("://") + 3;
    return URI.create(text.substring(0, start) + text.substring(text.indexOf('@', start) + 1));
  }

  /** Names and values in the form of queries; nulls are dropped, a list repeats its name. */
  static String encode(Map<String, ? extends @Nullable Object> parameters) {
    StringBuilder out = new StringBuilder();
    parameters.forEach(
        (name, value) -> {
          if (value instanceof List<?> values) {
            values.forEach(item -> append(out, name, item));
          } else {
            append(out, name, value);
          }
        });
    return out.toString();
  }

  private static void append(StringBuilder out, String name, @Nullable Object value) {
    if (value != null) {
      out.append(out.isEmpty() ? "" : "&")
          .append(encode(name))
          .append('=')
          .append(encode(Fields.asText(value)));
    }
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static String ascii(String authority) {
    if (authority.chars().allMatch(c -> c < 128)) {
      return authority;
    }
    int host = authority.lastIndexOf('@') + 1;
    int port = authority.indexOf(':', host);
    int end = port < 0 ? authority.length() : port;
    return authority.substring(0, host)
        + IDN.toASCII(authority.substring(host, end))
        + authority.substring(end);
  }

  private static String encodeIllegal(String text) {
    StringBuilder out = new StringBuilder(text.length() + 16);
    text.codePoints()
        .forEach(
            c -> {
              if (c > 32 && c < 127 && ALSO_ILLEGAL.indexOf(c) < 0) {
                out.append((char) c);
              } else {
                for (byte b : Character.toString(c).getBytes(StandardCharsets.UTF_8)) {
                  out.append('%').append(String.format("%02X", b & 0xFF));
                }
              }
            });
    // A percent sign that starts no escape is meant as itself.
    return out.toString().replaceAll("%(?![0-9A-Fa-f]{2})", "%25");
  }

  private static InvalidConfig invalid(String written, String why) {
    // No query and no user in the message: both may hold secrets.
    String shown = written.replaceAll("[?#].*", "").replaceAll("://[^/]*@", "://");
    return new InvalidConfig(
        "Invalid http config: expected field 'url' to be an address, but '"
            + shown
            + "' is not: "
            + why);
  }
}
