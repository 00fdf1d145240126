package io.noetl.build;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Path;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.flywaydb.core.Flyway;
import org.jooq.codegen.GenerationTool;
import org.jooq.meta.jaxb.Configuration;
import org.jooq.meta.jaxb.Database;
import org.jooq.meta.jaxb.ForcedType;
import org.jooq.meta.jaxb.Generate;
import org.jooq.meta.jaxb.Generator;
import org.jooq.meta.jaxb.Jdbc;
import org.jooq.meta.jaxb.Logging;
import org.jooq.meta.jaxb.Target;

/**
 * Applies the migrations to a PostgreSQL of its own that lives for the length of the call, and
 * writes a class per table of schema {@code noetl}. What compiles was therefore accepted by the
 * real database.
 */
final class JooqGenerator {
  static final String SCHEMA = "noetl";
  static final String PACKAGE = "io.noetl.postgres.generated";

  /** Partitions come and go while the system runs; code speaks to the parent table. */
  static final String EXCLUDED = ".*_p[0-9].*|.*_default|flyway_schema_history";

  // Loggers are kept, else the collector may take them and their levels with them.
  private static final Logger ROOT = Logger.getLogger("");
  // It warns about "create schema if not exists"; what fails is thrown.
  private static final Logger FLYWAY = Logger.getLogger("org.flywaydb");

  private JooqGenerator() {}

  static void generate(Path migrations, Path output) throws Exception {
    System.err.println("Generating jOOQ classes: the migrations have changed");
    ROOT.setLevel(Level.WARNING);
    FLYWAY.setLevel(Level.SEVERE);
    System.setProperty("org.jooq.no-logo", "true");
    System.setProperty("org.jooq.no-tips", "true");

    try (EmbeddedPostgres postgres = EmbeddedPostgres.start()) {
      Flyway.configure()
          .dataSource(postgres.getPostgresDatabase())
          .schemas(SCHEMA)
          .defaultSchema(SCHEMA)
          .locations("filesystem:" + migrations.toAbsolutePath())
          .load()
          .migrate();
      GenerationTool.generate(configuration(postgres.getJdbcUrl("postgres", "postgres"), output));
    }
  }

  private static Configuration configuration(String url, Path output) {
    return new Configuration()
        .withLogging(Logging.WARN)
        .withJdbc(new Jdbc().withDriver("org.postgresql.Driver").withUrl(url))
        .withGenerator(
            new Generator()
                .withDatabase(
                    new Database()
                        .withName("org.jooq.meta.postgres.PostgresDatabase")
                        .withInputSchema(SCHEMA)
                        .withExcludes(EXCLUDED)
                        .withIncludeRoutines(false)
                        .withIncludeIndexes(false)
                        .withForcedTypes(
                            // Points in time are Instants everywhere else, too.
                            new ForcedType()
                                .withName("INSTANT")
                                .withIncludeTypes("timestamp with time zone|timestamptz")))
                .withGenerate(
                    new Generate()
                        .withRecords(true)
                        .withPojos(false)
                        .withDaos(false)
                        .withComments(false)
                        .withDeprecated(false)
                        // xid8 is such a type: read with a cast, never written.
                        .withDeprecationOnUnknownTypes(false)
                        .withGlobalObjectReferences(true))
                .withTarget(
                    new Target()
                        .withPackageName(PACKAGE)
                        .withDirectory(output.toAbsolutePath().toString())));
  }
}
