package io.noetl.tool.duckdb;

import io.noetl.playbook.ToolKind;
import io.noetl.tool.Fields;
import io.noetl.tool.auth.Credential;
import io.noetl.tool.auth.CredentialException;
import io.noetl.tool.postgres.PgAddress;
import io.noetl.tool.postgres.PgAddresses;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes what {@code auth} names usable inside a database: an attached PostgreSQL, or a secret for
 * files in an object store. Secrets live as long as the connection.
 */
final class DuckAttach {
  private static final Set<String> OBJECT_STORES = Set.of("gcs", "gcs_hmac", "s3", "hmac");

  private final Connection connection;
  private final boolean download;

  /**
   * @param download whether a missing extension may be fetched
   */
  DuckAttach(Connection connection, boolean download) {
    this.connection = connection;
    this.download = download;
  }

  /**
   * A credential with the name under which it is wanted.
   *
   * @param alias of the database or secret
   */
  record Source(String alias, Credential credential) {}

  /** Which extension a credential needs. */
  private enum Extension {
    POSTGRES("postgres"),
    HTTPFS("httpfs"),
    DUCKLAKE("ducklake");

    private final String word;

    Extension(String word) {
      this.word = word;
    }
  }

  /**
   * @throws CredentialException when the credential is of a type that cannot be attached
   * @throws SQLException when the extension is missing or the other side refuses; the message holds
   *     no secret
   */
  void attach(Source source, boolean readOnly) throws SQLException {
    Credential credential = source.credential();
    String type = credential.type().strip().toLowerCase(Locale.ROOT);
    if (OBJECT_STORES.contains(type)) {
      objectStore(source, type.startsWith("gcs") ? "gcs" : "s3");
    } else if (PgAddresses.fits(type, credential.data())) {
      postgres(source, readOnly);
    } else {
      throw CredentialException.unsupported(credential);
    }
  }

  private void postgres(Source source, boolean readOnly) throws SQLException {
    PgAddresses.Target target = PgAddresses.of(ToolKind.DUCKDB, source.credential());
    load(Extension.POSTGRES);
    PgAddress address = target.address();
    String name = quotedName(source.alias());
    List<String> options = new ArrayList<>(List.of("TYPE postgres", "SECRET " + name));
    String schema = target.schema();
    if (schema != null) {
      options.add("SCHEMA " + literal(schema));
    }
    if (readOnly) {
      options.add("READ_ONLY");
    }
    String words = address.sslMode().isEmpty() ? "" : "sslmode=" + address.sslMode();
    List<String> secrets = List.of(address.password());
    execute(
        "CREATE TEMPORARY SECRET "
            + name
            + " (TYPE postgres, HOST "
            + literal(address.host())
            + ", PORT "
            + address.port()
            + ", DATABASE "
            + literal(address.database())
            + ", USER "
            + literal(address.user())
            + ", PASSWORD "
            + literal(address.password())
            + ")",
        secrets);
    execute(
        "ATTACH " + literal(words) + " AS " + name + " (" + String.join(", ", options) + ")",
        secrets);
  }

  private void objectStore(Source source, String type) throws SQLException {
    Fields data = new Fields(ToolKind.DUCKDB, source.credential().data());
    String key = data.text("key_id", "access_key_id");
    String secret = data.text("secret", "secret_key", "secret_access_key");
    if (key == null || secret == null) {
      throw new CredentialException(
          "Credential '"
              + source.credential().name()
              + "' cannot be used by duckdb: it needs key_id and secret");
    }
    load(Extension.HTTPFS);
    StringBuilder sql = new StringBuilder();
    sql.append("CREATE TEMPORARY SECRET ").append(quotedName(source.alias()));
    sql.append(" (TYPE ").append(type);
    sql.append(", KEY_ID ").append(literal(key)).append(", SECRET ").append(literal(secret));
    List<String> secrets = new ArrayList<>(List.of(secret));
    for (String option : List.of("region", "endpoint", "session_token", "url_style", "scope")) {
      String value = data.text(option);
      if (value != null && !value.isBlank()) {
        sql.append(", ").append(option.toUpperCase(Locale.ROOT)).append(' ').append(literal(value));
        if (option.equals("session_token")) {
          secrets.add(value);
        }
      }
    }
    execute(sql.append(')').toString(), secrets);
  }

  /**
   * Attaches a DuckLake catalogue and makes it current.
   *
   * @param catalog its address as DuckLake knows it, without {@code ducklake:}
   * @param dataPath where its files are; null = as the catalogue says
   * @param secrets parts of the address that must not be shown
   */
  void lake(
      String name,
      String catalog,
      @Nullable String dataPath,
      boolean readOnly,
      List<String> secrets)
      throws SQLException {
    load(Extension.DUCKLAKE);
    if (catalog.startsWith("postgres:")) {
      load(Extension.POSTGRES);
    }
    List<String> options = new ArrayList<>();
    if (dataPath != null && !dataPath.isBlank()) {
      options.add("DATA_PATH " + literal(dataPath));
    }
    if (readOnly) {
      options.add("READ_ONLY");
    }
    execute(
        "ATTACH "
            + literal("ducklake:" + catalog)
            + " AS "
            + quotedName(name)
            + (options.isEmpty() ? "" : " (" + String.join(", ", options) + ")"),
        secrets);
    execute("USE " + quotedName(name), secrets);
  }

  private void load(Extension extension) throws SQLException {
    try {
      execute("LOAD " + extension.word, List.of());
    } catch (SQLException missing) {
      if (!download) {
        throw missing;
      }
      execute("INSTALL " + extension.word, List.of());
      execute("LOAD " + extension.word, List.of());
    }
  }

  /** Runs a statement that may hold secrets; an error does not show them. */
  private void execute(String sql, List<String> secrets) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      // Further lines quote the statement.
      String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      for (String secret : secrets) {
        if (!secret.isEmpty()) {
          message = message.replace(secret, "***").replace(secret.replace("'", "''"), "***");
        }
      }
      throw new SQLException(message, e.getSQLState());
    }
  }

  static String literal(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  static String quotedName(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }
}
