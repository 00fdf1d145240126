package io.noetl.api;

import io.noetl.postgres.Database;
import io.noetl.testing.TestPostgres;

/** A server on a database of its own, for one class of tests. */
record RunningServer(Database database, ServerParts server, Client client)
    implements AutoCloseable {

  /** Starts one with the usual settings and registers these playbooks. */
  static RunningServer start(String... playbooks) {
    return start(ApiLimits.DEFAULT, playbooks);
  }

  static RunningServer start(ApiLimits limits, String... playbooks) {
    return start(ServerParts.config(limits), new OpenAccess(ServerParts.INTERNAL_TOKEN), playbooks);
  }

  static RunningServer start(ApiConfig config, Access access, String... playbooks) {
    Database database = TestPostgres.open();
    ServerParts server = new ServerParts(database, 1, config, access);
    Client client = server.client();
    for (String playbook : playbooks) {
      client.register(playbook);
    }
    return new RunningServer(database, server, client);
  }

  /** Runs one statement that changes something. */
  int update(String sql) {
    return database.autocommit(
        Database.Pool.BACKGROUND,
        connection -> {
          try (var statement = connection.createStatement()) {
            return statement.executeUpdate(sql);
          }
        });
  }

  @Override
  public void close() {
    server.close();
    database.close();
  }
}
