package io.noetl.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A process that claims and runs commands: a worker, or the system pool.
 *
 * @param section of the settings: {@code worker} or {@code system-pool}
 * @param pools names of the pools whose commands it takes
 * @param slots commands that run at once
 * @param serverUrl the server's API; empty in mode {@code all}, which has its own
 * @param workerId unique among all workers; empty: from host name and process
 * @param token with which it calls the server; needed where that wants tokens, but in mode {@code
 *     all}, which makes one up
 * @param lease how long a claim holds without a heartbeat
 * @param drain how long running commands may take to end when the process stops
 */
public record PoolConfig(
    String section,
    List<String> pools,
    int slots,
    Optional<String> serverUrl,
    Optional<String> workerId,
    Secret token,
    Duration lease,
    Duration drain) {

  static final String WORKER = "worker";
  static final String SYSTEM_POOL = "system-pool";

  public PoolConfig {
    pools = List.copyOf(pools);
    new Checks(section)
        .that(
            !pools.isEmpty() && pools.stream().allMatch(PoolConfig::token),
            "pools",
            "Expected names of A-Z a-z 0-9 _ -, but got " + pools)
        .range("slots", slots, 1, 10_000)
        .that(
            serverUrl.map(ServerConfig::httpUrl).orElse(true),
            "server-url",
            "Expected an address such as http://host:8082, but got '" + serverUrl.orElse("") + "'")
        .that(
            workerId.map(id -> id.matches("[A-Za-z0-9_.-]{1,128}")).orElse(true),
            "worker-id",
            "Expected 1 to 128 of A-Z a-z 0-9 _ . -, but got '" + workerId.orElse("") + "'")
        .range("lease", lease, Duration.ofSeconds(1), Duration.ofMinutes(15))
        .range("drain", drain, Duration.ZERO, Duration.ofHours(1))
        .done();
  }

  static PoolConfig worker(Values values) {
    return from(values, WORKER, List.of("shared"), 16);
  }

  static PoolConfig systemPool(Values values) {
    return from(values, SYSTEM_POOL, List.of("system"), 8);
  }

  private static PoolConfig from(Values values, String section, List<String> pools, int slots) {
    return new PoolConfig(
        section,
        values.list("pools", pools, "Pools whose commands are taken"),
        values.integer("slots", slots, "Commands that run at once"),
        values.optionalText("server-url", "Address of the server's API"),
        values.optionalText("worker-id", "Unique name; empty: from host and process"),
        values.secret("token", "Token for a server with auth.mode token; its role: worker"),
        values.duration("lease", Duration.ofSeconds(30), "How long a claim holds unrenewed"),
        values.duration("drain", Duration.ofSeconds(20), "How long running commands may end"));
  }

  /** The values of a worker that hold when nothing is set. */
  public static PoolConfig workerDefaults() {
    return worker(Values.defaults(WORKER));
  }

  /** The values of the system pool that hold when nothing is set. */
  public static PoolConfig systemPoolDefaults() {
    return systemPool(Values.defaults(SYSTEM_POOL));
  }

  /** A token of a bus subject. */
  private static boolean token(String text) {
    return text.matches("[A-Za-z0-9_-]{1,64}");
  }
}
