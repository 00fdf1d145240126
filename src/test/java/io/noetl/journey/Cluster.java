package io.noetl.journey;

import io.noetl.config.DatabaseConfig;
import io.noetl.testing.Processes;
import io.noetl.testing.RoleProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The five roles, each in a process of its own, with times that suit tests. */
final class Cluster implements AutoCloseable {
  static final Duration START = Duration.ofSeconds(60);
  static final String SERVER = "server";
  static final String PUBLISHER = "publisher";
  static final String PROJECTOR = "projector";
  static final String WORKER = "worker";
  static final String SYSTEM_POOL = "system-pool";
  static final List<String> MODES = List.of(SERVER, PUBLISHER, PROJECTOR, WORKER, SYSTEM_POOL);

  private final Processes processes;
  private final Map<String, String> settings = new LinkedHashMap<>();
  private final Map<String, String> environment;
  private final Map<String, RoleProcess> roles = new LinkedHashMap<>();

  /**
   * @param name of the folder with the log files
   * @param busUrl where NATS is, or will be
   */
  Cluster(String name, DatabaseConfig database, String busUrl) {
    this(name, database, busUrl, Map.of());
  }

  /**
   * @param own settings of every role
   */
  Cluster(String name, DatabaseConfig database, String busUrl, Map<String, String> own) {
    this.processes = new Processes(name);
    settings.put("database.host", database.host());
    settings.put("database.port", Integer.toString(database.port()));
    settings.put("database.name", database.name());
    settings.put("database.user", database.user());
    environment =
        Map.of(
            "POSTGRES_PASSWORD",
            database.password().reveal(),
            "NOETL_CREDENTIALS_KEY",
            Processes.SECRET_KEY);
    settings.put("database.append-connections", "4");
    settings.put("database.read-connections", "4");
    settings.put("bus.url", busUrl);
    // What is found out by waiting is found out soon.
    settings.put("command.lease", "2s");
    settings.put("command.sweep", "200ms");
    settings.put("command.republish-after", "1s");
    settings.put("publisher.republish-after", "2s");
    settings.put("worker.lease", "2s");
    settings.put("system-pool.lease", "2s");
    settings.putAll(own);
    add(SERVER, SERVER, Map.of());
    String url = role(SERVER).url();
    add(PUBLISHER, PUBLISHER, Map.of());
    add(PROJECTOR, PROJECTOR, Map.of());
    add(WORKER, WORKER, Map.of("worker.server-url", url));
    add(SYSTEM_POOL, SYSTEM_POOL, Map.of("system-pool.server-url", url));
  }

  /** One more process, not started yet. */
  RoleProcess add(String name, String mode, Map<String, String> own) {
    Map<String, String> all = new LinkedHashMap<>(settings);
    all.putAll(own);
    RoleProcess role = processes.role(name, mode, all, environment);
    roles.put(name, role);
    return role;
  }

  RoleProcess role(String name) {
    RoleProcess role = roles.get(name);
    if (role == null) {
      throw new IllegalArgumentException("no role " + name);
    }
    return role;
  }

  /** All processes, in the order in which they were added. */
  List<RoleProcess> roles() {
    return new ArrayList<>(roles.values());
  }

  /** Starts those that do not run and waits until all are ready. */
  void ready() {
    for (RoleProcess role : roles.values()) {
      if (!role.alive()) {
        role.start();
      }
    }
    roles.values().forEach(role -> role.awaitReady(START));
  }

  /** Kills these, and does not start them again. */
  void remove(String... names) {
    for (String name : names) {
      RoleProcess role = roles.remove(name);
      if (role != null && role.alive()) {
        role.kill();
      }
    }
  }

  @Override
  public void close() {
    processes.close();
  }
}
