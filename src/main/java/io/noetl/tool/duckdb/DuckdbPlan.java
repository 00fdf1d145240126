package io.noetl.tool.duckdb;

import io.noetl.playbook.ToolKind;
import io.noetl.tool.Fields;
import io.noetl.tool.InvalidConfig;
import io.noetl.tool.ToolCall.Identity;
import io.noetl.tool.auth.AuthField;
import io.noetl.tool.auth.Credential;
import io.noetl.tool.auth.CredentialException;
import io.noetl.tool.auth.Credentials;
import io.noetl.tool.postgres.PgAddress;
import io.noetl.tool.postgres.PgAddresses;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which database a call opens, and what it finds there.
 *
 * @param file absolute; null = a fresh database in memory
 * @param readOnly whether the file, and what is attached, may only be read
 * @param sources what {@code auth} names
 * @param lake the DuckLake catalogue to work in; null = none
 */
public record DuckdbPlan(
    @Nullable Path file, boolean readOnly, List<DuckAttach.Source> sources, @Nullable Lake lake) {

  public DuckdbPlan {
    sources = List.copyOf(sources);
  }

  /**
   * A DuckLake catalogue.
   *
   * @param name under which it is attached
   * @param catalog its address as DuckLake knows it
   * @param dataPath where its files are; null = as the catalogue says
   * @param secrets parts of the address that must not be shown
   */
  public record Lake(String name, String catalog, @Nullable String dataPath, List<String> secrets) {
    public Lake {
      secrets = List.copyOf(secrets);
    }

    /** Without the address, which may hold a password. */
    @Override
    public String toString() {
      return "Lake[name=" + name + "]";
    }
  }

  /**
   * @param kind {@code DUCKDB}, {@code DUCKLAKE}, or {@code TRANSFER} for one of its ends
   * @throws InvalidConfig when a field is missing or cannot be used
   * @throws CredentialException when a credential cannot be had
   */
  public static DuckdbPlan of(
      ToolKind kind, Fields fields, Credentials credentials, Identity identity)
      throws InterruptedException {
    List<DuckAttach.Source> sources =
        sources(fields.first("auth", "credential"), credentials, identity);
    for (DuckAttach.Source source : sources) {
      PgAddresses.tell(kind, source.credential(), credentials, identity);
    }
    boolean lakes = kind == ToolKind.DUCKLAKE;
    return new DuckdbPlan(
        file(kind, fields.text("db_path", "database", "file")),
        fields.flag(false, "read_only"),
        lakes && fields.first("catalog_connection") == null ? List.of() : sources,
        lakes ? lake(fields, sources, credentials, identity) : null);
  }

  private static @Nullable Path file(ToolKind kind, @Nullable String text) {
    if (text == null || text.isBlank() || text.strip().equals(":memory:")) {
      return null;
    }
    if (text.contains(";")) {
      // The driver reads what follows as settings.
      throw new InvalidConfig(
          "Invalid " + kind.word() + " config: field 'db_path' may not contain a semicolon");
    }
    try {
      return Path.of(text.strip()).toAbsolutePath().normalize();
    } catch (InvalidPathException e) {
      throw new InvalidConfig(
          "Invalid " + kind.word() + " config: field 'db_path' is no path: " + e.getMessage());
    }
  }

  private static List<DuckAttach.Source> sources(
      @Nullable Object field, Credentials credentials, Identity identity)
      throws InterruptedException {
    return switch (AuthField.of(field)) {
      case AuthField.None _ -> List.of();
      case AuthField.Direct(String type, var members) ->
          List.of(new DuckAttach.Source(type, new Credential(type, type, members)));
      case AuthField.Named named -> {
        List<DuckAttach.Source> sources = new ArrayList<>();
        for (AuthField.Name name : named.names()) {
          sources.add(
              new DuckAttach.Source(name.alias(), credentials.get(name.credential(), identity)));
        }
        yield sources;
      }
    };
  }

  private static Lake lake(
      Fields fields, List<DuckAttach.Source> sources, Credentials credentials, Identity identity) {
    String name = fields.text("catalog_name");
    String given = fields.text("catalog_connection");
    String dataPath = fields.text("data_path");
    String shown = name == null || name.isBlank() ? "lake" : name;
    if (given != null && !given.isBlank()) {
      String catalog = given.strip();
      String address =
          catalog.startsWith("ducklake:") ? catalog.substring("ducklake:".length()) : catalog;
      if (address.startsWith("postgres:")) {
        String secret = PgAddresses.secretIn(address.substring("postgres:".length()));
        if (secret != null) {
          credentials.derived(secret, identity);
        }
      }
      return new Lake(shown, address, dataPath, List.of(catalog));
    }
    if (sources.isEmpty()) {
      throw InvalidConfig.missing(ToolKind.DUCKLAKE, "catalog_connection");
    }
    PgAddress address =
        PgAddresses.of(ToolKind.DUCKLAKE, sources.getFirst().credential()).address();
    return new Lake(
        shown,
        "postgres:host="
            + word(address.host())
            + " port="
            + address.port()
            + " dbname="
            + word(address.database())
            + " user="
            + word(address.user())
            + " password="
            + word(address.password()),
        dataPath,
        List.of(address.password()));
  }

  private static String word(String value) {
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }
}
