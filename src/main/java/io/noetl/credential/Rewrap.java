package io.noetl.credential;

import io.noetl.credential.Envelope.Place;
import io.noetl.credential.Envelope.Sealed;
import io.noetl.postgres.Database;
import io.noetl.postgres.Database.Pool;
import io.noetl.postgres.DatabaseException;
import io.noetl.support.Backoff;
import io.noetl.support.Lifecycle;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings every secret under the current key, in the background after the start of a server, and
 * ends when none is left that it can read. Only the secret's own key is encrypted anew, in batches;
 * several servers may do it at once.
 */
public final class Rewrap implements Lifecycle {
  private static final Logger log = LoggerFactory.getLogger(Rewrap.class);
  private static final Duration FIRST_RETRY = Duration.ofMillis(200);
  private static final Duration LONGEST_RETRY = Duration.ofSeconds(30);

  /** The tables, with what their rows are called in the encryption. */
  private enum Table {
    CREDENTIAL("credential", "name") {
      @Override
      Place place(String tenantId, String name, long version) {
        return CredentialStore.place(tenantId, name, version);
      }
    },
    KEYCHAIN("keychain_entry", "cache_key") {
      @Override
      Place place(String tenantId, String name, long version) {
        return KeychainStore.place(tenantId, name, version);
      }
    };

    private final String table;
    private final String name;

    Table(String table, String name) {
      this.table = table;
      this.name = name;
    }

    abstract Place place(String tenantId, String name, long version);

    private String select() {
      return "select tenant_id, "
          + name
          + ", version, key_id, wrapped_key from noetl."
          + table
          + " where key_id <> ? and (tenant_id, "
          + name
          + ") > (?, ?) order by tenant_id, "
          + name
          + " limit ? for update skip locked";
    }

    private String update() {
      return "update noetl."
          + table
          + " set key_id = ?, wrapped_key = ? where tenant_id = ? and "
          + name
          + " = ? and version = ?";
    }
  }

  private final Database database;
  private final Envelope envelope;
  private final int batch;
  private volatile @Nullable Thread thread;

  /**
   * @param batch rows of one transaction ({@code credentials.rewrap-batch})
   */
  public Rewrap(Database database, Envelope envelope, int batch) {
    this.database = database;
    this.envelope = envelope;
    this.batch = batch;
  }

  /**
   * What a round came to.
   *
   * @param done rows that have the current key now
   * @param left rows that cannot be read with the keys of this server
   */
  public record Result(int done, int left) {}

  @Override
  public void start() {
    thread = Thread.ofVirtual().name("rewrap").start(this::run);
  }

  private void run() {
    Backoff backoff = new Backoff(FIRST_RETRY, LONGEST_RETRY, RandomGenerator.getDefault());
    while (!Thread.currentThread().isInterrupted()) {
      try {
        Result result = rewrap();
        if (result.done() > 0) {
          log.info(
              "{} stored secrets are now under key {}", result.done(), envelope.keys().current());
        }
        if (result.left() > 0) {
          log.warn(
              "{} stored secrets stay under other keys, which are missing in credentials.other-keys"
                  + " or do not fit",
              result.left());
        }
        return;
      } catch (DatabaseException e) {
        log.warn("stored secrets are not yet all under the current key: {}", e.getMessage());
      }
      try {
        Thread.sleep(backoff.next());
      } catch (InterruptedException e) {
        return; // the process stops; the next start goes on
      }
    }
  }

  /** Does all that can be done now. */
  public Result rewrap() {
    int done = 0;
    int left = 0;
    for (Table table : Table.values()) {
      Step at = new Step("", "", 0, 0);
      while (at != null) {
        Step from = at;
        Step to =
            database.transaction(Pool.BACKGROUND, connection -> step(connection, table, from));
        done += to == null ? 0 : to.done();
        left += to == null ? 0 : to.left();
        at = to;
      }
    }
    return new Result(done, left);
  }

  /** One batch, and the last row of it. */
  private record Step(String tenantId, String name, int done, int left) {}

  private record Row(String tenantId, String name, long version, Sealed sealed) {}

  private @Nullable Step step(Connection connection, Table table, Step from) throws SQLException {
    List<Row> rows = rows(connection, table, from);
    if (rows.isEmpty()) {
      return null;
    }
    int done = 0;
    try (PreparedStatement statement = connection.prepareStatement(table.update())) {
      for (Row row : rows) {
        Sealed sealed;
        try {
          sealed =
              envelope.rewrapped(
                  table.place(row.tenantId(), row.name(), row.version()), row.sealed());
        } catch (UnreadableSecretException e) {
          log.warn("{}", e.getMessage());
          continue;
        }
        statement.setString(1, sealed.keyId());
        statement.setBytes(2, sealed.wrappedKey());
        statement.setString(3, row.tenantId());
        statement.setString(4, row.name());
        statement.setLong(5, row.version());
        done += statement.executeUpdate();
      }
    }
    Row last = rows.getLast();
    return new Step(last.tenantId(), last.name(), done, rows.size() - done);
  }

  private List<Row> rows(Connection connection, Table table, Step from) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(table.select())) {
      statement.setString(1, envelope.keys().current());
      statement.setString(2, from.tenantId());
      statement.setString(3, from.name());
      statement.setInt(4, batch);
      List<Row> rows = new ArrayList<>();
      try (ResultSet found = statement.executeQuery()) {
        while (found.next()) {
          rows.add(
              new Row(
                  found.getString(1),
                  found.getString(2),
                  found.getLong(3),
                  new Sealed(found.getString(4), found.getBytes(5), new byte[0])));
        }
      }
      return rows;
    }
  }

  @Override
  public void close() {
    Thread running = thread;
    if (running != null) {
      running.interrupt();
    }
  }
}
