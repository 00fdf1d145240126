package io.noetl.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** All settings of the process, one record per component. */
public record NoetlConfig(
    ServerConfig server,
    AuthConfig auth,
    PolicyConfig policy,
    LimitsConfig limits,
    DataConfig data,
    CredentialsConfig credentials,
    KeychainConfig keychain,
    DatabaseConfig database,
    EmbeddedPostgresConfig embeddedPostgres,
    BusConfig bus,
    LanesConfig lanes,
    CommandConfig command,
    AdmissionConfig admission,
    WaitConfig waits,
    ScheduleConfig schedules,
    DoctorConfig doctor,
    RetentionConfig retention,
    PlaybookConfig playbook,
    TemplateConfig template,
    SequenceConfig sequence,
    ResultsConfig results,
    ArchiveConfig archive,
    ArchiveS3Config archiveS3,
    PublisherConfig publisher,
    ProjectorConfig projector,
    PoolConfig worker,
    PoolConfig systemPool,
    PythonConfig python,
    ShellConfig shell,
    HttpConfig http,
    PostgresConfig postgres,
    DuckdbConfig duckdb,
    TransferConfig transfer,
    NatsToolConfig nats,
    McpConfig mcp,
    KubernetesConfig kubernetes,
    PluginConfig plugin,
    SnowflakeConfig snowflake,
    MetricsConfig metrics,
    ShutdownConfig shutdown) {

  /**
   * Checks what only holds between components.
   *
   * @throws ConfigException with every fault
   */
  public NoetlConfig {
    List<Fault> faults = new ArrayList<>();
    if (auth.mode() == AuthConfig.Mode.OFF && !auth.allowAnonymous() && !server.loopback()) {
      faults.add(
          new Fault(
              "server.host",
              "server.host",
              "Expected a loopback address while auth.mode is off, but got '"
                  + server.host()
                  + "': everybody who reaches it could run anything. Set auth.allow-anonymous=true"
                  + " to permit that"));
    }
    if (limits.pageSize() > limits.maxPageSize()) {
      faults.add(
          new Fault(
              "limits.page-size",
              "limits.page-size",
              "Expected at most limits.max-page-size ("
                  + limits.maxPageSize()
                  + "), but got "
                  + limits.pageSize()));
    }
    if (!faults.isEmpty()) {
      throw new ConfigException(faults);
    }
  }

  static NoetlConfig from(Values values) {
    return new NoetlConfig(
        values.section("server", ServerConfig::from),
        values.section("auth", AuthConfig::from),
        values.section("policy", PolicyConfig::from),
        values.section("limits", LimitsConfig::from),
        values.section("data", DataConfig::from),
        values.section("credentials", CredentialsConfig::from),
        values.section("keychain", KeychainConfig::from),
        values.section("database", DatabaseConfig::from),
        values.section("embedded-postgres", EmbeddedPostgresConfig::from),
        values.section("bus", BusConfig::from),
        values.section("lanes", LanesConfig::from),
        values.section("command", CommandConfig::from),
        values.section("admission", AdmissionConfig::from),
        values.section("waits", WaitConfig::from),
        values.section("schedules", ScheduleConfig::from),
        values.section("doctor", DoctorConfig::from),
        values.section("retention", RetentionConfig::from),
        values.section("playbook", PlaybookConfig::from),
        values.section("template", TemplateConfig::from),
        values.section("sequence", SequenceConfig::from),
        values.section("results", ResultsConfig::from),
        values.section("archive", ArchiveConfig::from),
        values.section("archive.s3", ArchiveS3Config::from),
        values.section("publisher", PublisherConfig::from),
        values.section("projector", ProjectorConfig::from),
        values.section(PoolConfig.WORKER, PoolConfig::worker),
        values.section(PoolConfig.SYSTEM_POOL, PoolConfig::systemPool),
        values.section("python", PythonConfig::from),
        values.section("shell", ShellConfig::from),
        values.section("http", HttpConfig::from),
        values.section("postgres", PostgresConfig::from),
        values.section("duckdb", DuckdbConfig::from),
        values.section("transfer", TransferConfig::from),
        values.section("nats", NatsToolConfig::from),
        values.section("mcp", McpConfig::from),
        values.section("kubernetes", KubernetesConfig::from),
        values.section("plugin", PluginConfig::from),
        values.section("snowflake", SnowflakeConfig::from),
        values.section("metrics", MetricsConfig::from),
        values.section("shutdown", ShutdownConfig::from));
  }

  /** The values that hold when nothing is set. */
  public static NoetlConfig defaults() {
    return from(Values.of(Map.of()));
  }
}
