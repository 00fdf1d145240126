package io.noetl.tool;

import io.noetl.config.DatabaseConfig;
import io.noetl.tool.auth.Credential;
import io.noetl.tool.auth.CredentialException;
import io.noetl.tool.auth.Credentials;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A fixed set of credentials. */
public final class TestCredentials {
  private TestCredentials() {}

  public static Credentials of(Credential... all) {
    return (name, _) -> {
      for (Credential credential : all) {
        if (credential.name().equals(name)) {
          return credential;
        }
      }
      throw CredentialException.notFound(name);
    };
  }

  /** Leads to a database of the tests. */
  public static Credential postgres(String name, DatabaseConfig database) {
    return new Credential(name, "postgres", members(database));
  }

  /** The address of a database as the members of a credential. */
  public static Map<String, @Nullable Object> members(DatabaseConfig database) {
    return Map.of(
        "db_host", database.host(),
        "db_port", (long) database.port(),
        "db_user", database.user(),
        "db_password", database.password().reveal(),
        "db_name", database.name());
  }
}
