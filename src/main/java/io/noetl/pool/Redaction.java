package io.noetl.pool;

import io.noetl.envelope.Scrub;
import io.noetl.json.Json;
import io.noetl.json.JsonException;
import io.noetl.playbook.value.Outcome;
import io.noetl.tool.sequence.CommandResult;
import io.noetl.tool.sequence.CtxWrite;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The secret values that one command was given, and their disappearance from what it tells. Safe
 * for use by many threads.
 */
final class Redaction {
  /** Shorter values are everywhere; hiding them would hide everything. */
  private static final int SHORTEST = 4;

  /** Lines of a secret, such as of a private key, are hidden one by one from this length on. */
  private static final int SHORTEST_LINE = 16;

  /**
   * Members of credentials that hold no secret, compared without case, hyphens and underscores;
   * every other member does.
   */
  private static final Set<String> PUBLIC =
      Set.of(
          "account",
          "alg",
          "algorithm",
          "audience",
          "authuri",
          "bucket",
          "clientemail",
          "clientid",
          "clientx509certurl",
          "authproviderx509certurl",
          "database",
          "dbhost",
          "dbname",
          "dbport",
          "dbschema",
          "dbuser",
          "driver",
          "endpoint",
          "expiresat",
          "expiresin",
          "granttype",
          "header",
          "host",
          "hostname",
          "in",
          "keyid",
          "kind",
          "method",
          "name",
          "natsurl",
          "natsuser",
          "param",
          "port",
          "privatekeyid",
          "project",
          "projectid",
          "region",
          "role",
          "schema",
          "scope",
          "scopes",
          "server",
          "service",
          "sslmode",
          "stream",
          "subject",
          "table",
          "targetaudience",
          "tenantid",
          "timeout",
          "tokentype",
          "tokenuri",
          "tokenurl",
          "type",
          "universedomain",
          "url",
          "urlstyle",
          "usessl",
          "user",
          "username",
          "warehouse");

  /** The password inside an address or a connection string. */
  private static final Pattern INSIDE =
      Pattern.compile("://[^\\s:/@]*:([^\\s@/]+)@|(?i:password)\\s*=\\s*'?([^\\s';&]+)");

  private final Set<String> secrets =
      new ConcurrentSkipListSet<>(
          // The longest first: a secret may be part of another one.
          Comparator.comparingInt(String::length).reversed().thenComparing(s -> s));

  /** Everything secret in the members of a credential. */
  void add(Map<String, @Nullable Object> data) {
    data.forEach(this::member);
  }

  private void member(String name, @Nullable Object value) {
    String word = name.toLowerCase(Locale.ROOT).replace("_", "").replace("-", "");
    if (PUBLIC.contains(word)) {
      inside(value);
    } else {
      secret(value);
    }
  }

  private void inside(@Nullable Object value) {
    if (value instanceof String text) {
      Matcher matcher = INSIDE.matcher(text);
      while (matcher.find()) {
        String first = matcher.group(1);
        add(first == null ? matcher.group(2) : first);
      }
    }
  }

  private void secret(@Nullable Object value) {
    switch (value) {
      case String text -> {
        add(text);
        inside(text);
        document(text);
      }
      case Number number -> add(number.toString());
      case Map<?, ?> map -> map.forEach((name, item) -> member(String.valueOf(name), item));
      case List<?> items -> items.forEach(this::secret);
      case null, default -> {}
    }
  }

  /** The parts of a JSON document, such as a service account, are secrets of their own. */
  private void document(String text) {
    if (text.stripLeading().startsWith("{")) {
      try {
        Json.parseObject(text).forEach(this::member);
      } catch (JsonException e) {
        add(text); // no document after all, and already a secret as a whole
      }
    }
  }

  /** One secret, in the forms in which it may turn up. */
  void add(String secret) {
    if (secret.strip().length() < SHORTEST) {
      return;
    }
    String stripped = secret.strip();
    secrets.add(stripped);
    String form = URLEncoder.encode(stripped, StandardCharsets.UTF_8);
    secrets.add(form);
    secrets.add(form.replace("+", "%20"));
    String quoted = Json.text(stripped);
    secrets.add(quoted.substring(1, quoted.length() - 1));
    if (stripped.indexOf('\n') >= 0) {
      stripped
          .lines()
          .map(String::strip)
          .filter(line -> line.length() >= SHORTEST_LINE && !line.startsWith("-----"))
          .forEach(secrets::add);
    }
  }

  /** The text without secrets. */
  String text(String text) {
    String clean = text;
    for (String secret : secrets) {
      if (clean.contains(secret)) {
        clean = clean.replace(secret, Scrub.REDACTED);
      }
    }
    return clean;
  }

  /** The members without secrets. */
  Map<String, @Nullable Object> members(Map<String, @Nullable Object> members) {
    return secrets.isEmpty() ? members : map(members);
  }

  /** The result without secrets. */
  CommandResult result(CommandResult result) {
    if (secrets.isEmpty()) {
      return result;
    }
    List<CtxWrite> writes = new ArrayList<>();
    for (CtxWrite write : result.writes()) {
      writes.add(
          new CtxWrite(write.path().stream().map(this::text).toList(), value(write.value())));
    }
    return new CommandResult(outcome(result.outcome()), writes);
  }

  private Outcome outcome(Outcome outcome) {
    return new Outcome(
        outcome.status(),
        outcome.shape(),
        value(outcome.data()),
        orNull(outcome.error()),
        outcome.hard(),
        orNull(outcome.http()),
        map(outcome.meta()),
        outcome.reference(),
        orNull(outcome.streams()));
  }

  private @Nullable Map<String, @Nullable Object> orNull(
      @Nullable Map<String, @Nullable Object> members) {
    return members == null ? null : map(members);
  }

  private @Nullable Object value(@Nullable Object value) {
    return switch (value) {
      case String text -> text(text);
      case Number number -> secrets.contains(number.toString()) ? Scrub.REDACTED : number;
      case Map<?, ?> map -> map(map);
      case List<?> items -> {
        List<@Nullable Object> clean = new ArrayList<>(items.size());
        items.forEach(item -> clean.add(value(item)));
        yield clean;
      }
      case null, default -> value;
    };
  }

  private Map<String, @Nullable Object> map(Map<?, ?> map) {
    Map<String, @Nullable Object> clean = LinkedHashMap.newLinkedHashMap(map.size());
    map.forEach((name, item) -> clean.put(text(String.valueOf(name)), value(item)));
    return clean;
  }
}
