package io.noetl.tool.postgres;

import io.noetl.playbook.ToolKind;
import io.noetl.tool.Fields;
import io.noetl.tool.InvalidConfig;
import io.noetl.tool.ToolCall.Identity;
import io.noetl.tool.auth.AuthField;
import io.noetl.tool.auth.Credential;
import io.noetl.tool.auth.CredentialException;
import io.noetl.tool.auth.Credentials;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds out whom a call connects to. Fields of the call win over its connection string, and that
 * over its credential. Safe for use by many threads.
 */
public final class PgAddresses {
  private static final int PORT = 5432;
  private static final Set<String> SSL_MODES =
      Set.of("disable", "allow", "prefer", "require", "verify-ca", "verify-full");

  /** Types that any tool may use if the members fit. */
  private static final Set<String> GENERAL = Set.of("generic", "custom", "unknown", "");

  /** Canonical name, then the names under which a credential or a call may have it. */
  private static final Map<String, List<String>> NAMES = names();

  private final Credentials credentials;

  public PgAddresses(Credentials credentials) {
    this.credentials = credentials;
  }

  /**
   * An address and the schema to look into first.
   *
   * @param schema for {@code search_path}; null = the role's own
   */
  public record Target(PgAddress address, @Nullable String schema) {}

  /**
   * @param kind of the call, for messages
   * @param fields those of the call, or of one end of a transfer
   * @throws InvalidConfig when there is no address, or a member cannot be used
   * @throws CredentialException when the credential cannot be had or used
   */
  public Target of(ToolKind kind, Fields fields, Identity identity) throws InterruptedException {
    Map<String, String> members = new LinkedHashMap<>();
    Consumer<String> secret = password -> credentials.derived(password, identity);
    AuthField auth = AuthField.of(fields.first("auth", "credential"));
    switch (auth) {
      case AuthField.None _ -> {}
      case AuthField.Direct(String type, Map<String, @Nullable Object> given) -> {
        if (!fits(type, given)) {
          throw new CredentialException(
              "Authentication of type '" + type + "' is none for postgres");
        }
        take(kind, new Fields(kind, given), members, secret);
      }
      case AuthField.Named named -> {
        Credential credential = credentials.get(named.first().credential(), identity);
        if (!fits(credential.type(), credential.data())) {
          throw CredentialException.unsupported(credential);
        }
        take(kind, new Fields(kind, credential.data()), members, secret);
      }
    }
    take(kind, fields, members, secret);
    if (members.isEmpty() || (members.size() == 1 && members.containsKey("schema"))) {
      throw new InvalidConfig("postgres step has no connection");
    }
    return target(kind, members);
  }

  /** The address in the members of a credential that was fetched, and {@link #tell told}. */
  public static Target of(ToolKind kind, Credential credential) {
    if (!fits(credential.type(), credential.data())) {
      throw CredentialException.unsupported(credential);
    }
    Map<String, String> members = new LinkedHashMap<>();
    take(kind, new Fields(kind, credential.data()), members, _ -> {});
    return target(kind, members);
  }

  /**
   * Tells the password inside the connection string of a credential. The string is hidden as a
   * whole where it turns up; the password turns up without it.
   *
   * @throws InvalidConfig when the string cannot be taken apart
   */
  public static void tell(
      ToolKind kind, Credential credential, Credentials credentials, Identity identity) {
    if (fits(credential.type(), credential.data())) {
      take(
          kind,
          new Fields(kind, credential.data()),
          new LinkedHashMap<>(),
          password -> credentials.derived(password, identity));
    }
  }

  /**
   * What is secret in a connection string that somebody else will read: its password, or all of it
   * when it cannot be taken apart; null when it holds none.
   */
  public static @Nullable String secretIn(String connectionString) {
    try {
      return Dsn.parse(connectionString).get("password");
    } catch (InvalidConfig e) {
      return connectionString; // its reader may know more forms, and will say what is wrong
    }
  }

  /** Whether the members of a credential of this type may be read as an address. */
  public static boolean fits(String type, Map<String, ?> data) {
    String word = type.strip().toLowerCase(Locale.ROOT);
    return word.equals("postgres")
        || word.equals("postgresql")
        || (GENERAL.contains(word)
            && NAMES.get("host") instanceof List<String> hosts
            && (hosts.stream().anyMatch(data::containsKey)
                || data.containsKey("dsn")
                || data.containsKey("connection_string")));
  }

  /**
   * @param secret is told the password of a connection string
   */
  private static void take(
      ToolKind kind, Fields given, Map<String, String> members, Consumer<String> secret) {
    Object dsn = given.first("connection_string", "connection", "dsn");
    if (dsn instanceof Map<?, ?>) {
      take(
          kind,
          new Fields(kind, given.map("connection_string", "connection", "dsn")),
          members,
          secret);
    } else if (dsn != null && !Fields.asText(dsn).isBlank()) {
      Map<String, String> parts = Dsn.parse(Fields.asText(dsn));
      String password = parts.get("password");
      if (password != null) {
        secret.accept(password);
      }
      members.putAll(parts);
    }
    NAMES.forEach(
        (name, names) -> {
          String value = given.text(names.toArray(String[]::new));
          if (value != null && !value.isEmpty()) {
            members.put(name, value);
          }
        });
  }

  private static Target target(ToolKind kind, Map<String, String> members) {
    String user = required(kind, members, "user");
    String sslMode = members.getOrDefault("sslmode", "").strip().toLowerCase(Locale.ROOT);
    if (!sslMode.isEmpty() && !SSL_MODES.contains(sslMode)) {
      throw new InvalidConfig(
          "Invalid "
              + kind.word()
              + " config: expected field 'sslmode' to be disable, allow, prefer, require, verify-ca"
              + " or verify-full, but it is '"
              + sslMode
              + "'");
    }
    return new Target(
        new PgAddress(
            required(kind, members, "host"),
            port(kind, members.get("port")),
            members.getOrDefault("database", user),
            user,
            members.getOrDefault("password", ""),
            sslMode,
            members.getOrDefault("sslrootcert", ""),
            members.getOrDefault("options", "")),
        members.get("schema"));
  }

  private static String required(ToolKind kind, Map<String, String> members, String name) {
    String value = members.get(name);
    if (value == null || value.isBlank()) {
      throw InvalidConfig.missing(kind, name);
    }
    return value;
  }

  private static int port(ToolKind kind, @Nullable String text) {
    if (text == null) {
      return PORT;
    }
    if (text.strip().matches("[0-9]{1,5}")) {
      int port = Integer.parseInt(text.strip());
      if (port > 0 && port < 65_536) {
        return port;
      }
    }
    throw new InvalidConfig(
        "Invalid "
            + kind.word()
            + " config: expected field 'port' to be a number from 1 to 65535, but it is '"
            + text
            + "'");
  }

  private static Map<String, List<String>> names() {
    Map<String, List<String>> names = new LinkedHashMap<>();
    names.put("host", List.of("host", "db_host"));
    names.put("port", List.of("port", "db_port"));
    names.put("database", List.of("database", "db_name", "dbname"));
    names.put("user", List.of("user", "db_user", "username"));
    names.put("password", List.of("password", "db_password"));
    names.put("schema", List.of("schema", "db_schema"));
    names.put("sslmode", List.of("sslmode"));
    names.put("sslrootcert", List.of("sslrootcert"));
    return names;
  }
}
