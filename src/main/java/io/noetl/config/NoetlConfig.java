package io.noetl.config;

/** All settings of the process, one record per component. */
public record NoetlConfig(DatabaseConfig database, EmbeddedPostgresConfig embeddedPostgres) {

  static NoetlConfig from(Values values) {
    return new NoetlConfig(
        values.section("database", DatabaseConfig::from),
        values.section("embedded-postgres", EmbeddedPostgresConfig::from));
  }
}
