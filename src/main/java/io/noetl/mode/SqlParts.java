package io.noetl.mode;

import io.noetl.config.DuckdbConfig;
import io.noetl.config.NoetlConfig;
import io.noetl.config.PostgresConfig;
import io.noetl.config.TransferConfig;
import io.noetl.playbook.ToolKind;
import io.noetl.tool.ToolExecutor;
import io.noetl.tool.auth.Credentials;
import io.noetl.tool.duckdb.DuckdbExecutor;
import io.noetl.tool.duckdb.DuckdbSettings;
import io.noetl.tool.postgres.GuestSql;
import io.noetl.tool.postgres.PostgresExecutor;
import io.noetl.tool.postgres.PostgresSettings;
import io.noetl.tool.transfer.TransferExecutor;
import io.noetl.tool.transfer.TransferSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** The tools of a worker that speak SQL. */
final class SqlParts {
  private SqlParts() {}

  /**
   * @param http asks services for rows and fetches scripts; not closed with these
   */
  static Map<ToolKind, ToolExecutor> tools(
      NoetlConfig config, Credentials credentials, ToolExecutor http) {
    PostgresExecutor postgres =
        new PostgresExecutor(postgres(config.postgres()), credentials, http);
    DuckdbExecutor duckdb = new DuckdbExecutor(duckdb(config.duckdb()), credentials, http);
    ToolExecutor transfer =
        new TransferExecutor(
            transfer(config.transfer()), credentials, http, postgres.pools(), duckdb.access());
    return Map.of(
        ToolKind.POSTGRES, postgres,
        ToolKind.DUCKDB, duckdb,
        ToolKind.DUCKLAKE, duckdb,
        ToolKind.TRANSFER, transfer);
  }

  /** Statements of plug-ins, on connections of their own. */
  static GuestSql guests(NoetlConfig config) {
    PostgresConfig postgres = config.postgres();
    Duration connecting = config.plugin().hostCall().dividedBy(2);
    return new GuestSql(
        new PostgresSettings(
            postgres.maxPools(),
            postgres.poolConnections(),
            // A server that does not answer must not take the time of the call.
            connecting.compareTo(postgres.connectionTimeout()) < 0
                ? connecting
                : postgres.connectionTimeout(),
            postgres.idleTimeout(),
            postgres.maxLifetime(),
            postgres.fetchSize(),
            config.plugin().replyBytes()),
        config.plugin().queryRows());
  }

  private static PostgresSettings postgres(PostgresConfig config) {
    return new PostgresSettings(
        config.maxPools(),
        config.poolConnections(),
        config.connectionTimeout(),
        config.idleTimeout(),
        config.maxLifetime(),
        config.fetchSize(),
        config.resultLimit());
  }

  private static DuckdbSettings duckdb(DuckdbConfig config) {
    return new DuckdbSettings(
        config.maxConcurrent(),
        config.memoryLimit(),
        config.threads(),
        config.downloadExtensions(),
        config.extensionFolder(),
        config.resultLimit(),
        Path.of(System.getProperty("java.io.tmpdir"), "noetl-duckdb"));
  }

  private static TransferSettings transfer(TransferConfig config) {
    return new TransferSettings(config.maxConcurrent(), config.chunkSize(), config.maxChunkSize());
  }
}
