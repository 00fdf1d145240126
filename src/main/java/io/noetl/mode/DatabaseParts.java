package io.noetl.mode;

import io.noetl.config.DatabaseConfig;
import io.noetl.postgres.Database;
import io.noetl.postgres.DatabaseException;
import io.noetl.postgres.Migrations;
import io.noetl.support.Lifecycle;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The database of the process: waits until the server answers and the schema is the one that this
 * jar brings, so that the order in which processes start does not matter.
 */
final class DatabaseParts implements Lifecycle {
  private static final Logger log = LoggerFactory.getLogger(DatabaseParts.class);
  private static final Duration LOOK = Duration.ofMillis(500);

  private final Node node;
  private final DatabaseConfig config;
  private @Nullable Database database;

  DatabaseParts(Node node, DatabaseConfig config) {
    this.node = node;
    this.config = config;
  }

  @Override
  public void start() {
    Database made =
        new Database(
            config, node.mode().word(), node.metrics().registry(), reason -> waits(reason));
    made.start();
    database = made;
    awaitSchema();
    node.readiness().arrived("database");
    node.readiness().database(made);
  }

  private void waits(String reason) {
    log.info("waiting: {}", reason);
    node.readiness().waits("database", reason);
  }

  /** The schema may be on its way: a migration runs as a deploy step beside the roles. */
  private void awaitSchema() {
    Migrations migrations = new Migrations(config);
    long deadline = System.nanoTime() + config.startTimeout().toNanos();
    boolean said = false;
    while (true) {
      try {
        migrations.check();
        return;
      } catch (DatabaseException e) {
        if (e.kind() != DatabaseException.Kind.SCHEMA_BEHIND || System.nanoTime() > deadline) {
          throw e;
        }
        if (!said) {
          waits(String.valueOf(e.getMessage()));
          said = true;
        }
        pause(e);
      }
    }
  }

  private static void pause(DatabaseException reason) {
    try {
      Thread.sleep(LOOK);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw reason;
    }
  }

  Database database() {
    Database made = database;
    if (made == null) {
      throw new IllegalStateException("Expected the database to be open, but it is not");
    }
    return made;
  }

  @Override
  public void close() {
    if (database != null) {
      database.close();
    }
  }
}
