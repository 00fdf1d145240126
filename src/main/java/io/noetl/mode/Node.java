package io.noetl.mode;

import io.noetl.config.AuthConfig;
import io.noetl.config.NoetlConfig;
import io.noetl.config.PoolConfig;
import io.noetl.config.Secret;
import io.noetl.metrics.Metrics;
import io.noetl.support.Progress;
import io.noetl.wasm.PluginCompiler;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;

/** What the roles of one process share, whatever it does. */
final class Node {
  /** The age at which a loop that did not go round makes the process not ready. */
  private static final Duration STALE_AFTER = Duration.ofSeconds(30);

  private final Mode mode;
  private final NoetlConfig config;
  private final Metrics metrics;
  private final Progress progress = new Progress(System::nanoTime);
  private final InstantSource clock = ShiftedClock.ofProcess();
  private final Readiness readiness;
  private final PluginCompiler plugins;
  private final Secret internalToken;
  private final Secret ownWorkers;

  Node(Mode mode, NoetlConfig config) {
    this.mode = mode;
    this.config = config;
    this.metrics = new Metrics(mode.word());
    this.plugins = PluginCompiler.isolated(PluginSettings.compiling(config.plugin()));
    this.internalToken = internalToken(mode, config);
    this.ownWorkers =
        mode == Mode.ALL && config.auth().mode() != AuthConfig.Mode.OFF ? random() : Secret.NONE;
    this.readiness = new Readiness(mode.word(), progress);
  }

  Mode mode() {
    return mode;
  }

  NoetlConfig config() {
    return config;
  }

  Metrics metrics() {
    return metrics;
  }

  Progress.Loop loop(String name) {
    return loop(name, STALE_AFTER);
  }

  /** A loop that goes round at its own pace. */
  Progress.Loop loop(String name, Duration staleAfter) {
    return progress.loop(name, staleAfter);
  }

  InstantSource clock() {
    return clock;
  }

  /**
   * What opens the internal routes; empty when a role of its own has none configured. Where all
   * roles are one process nobody else has to know it, so it is made up at each start.
   */
  Secret internalToken() {
    return internalToken;
  }

  private static Secret internalToken(Mode mode, NoetlConfig config) {
    Secret configured = config.auth().internalToken();
    if (mode != Mode.ALL || !configured.isEmpty()) {
      return configured;
    }
    return random();
  }

  private static Secret random() {
    byte[] random = new byte[32];
    new SecureRandom().nextBytes(random);
    return new Secret(HexFormat.of().formatHex(random));
  }

  /** The token of the workers of this process, made up at each start; empty where there is none. */
  Secret ownWorkers() {
    return ownWorkers;
  }

  /** The token that a pool shows the server; empty when it has none. */
  Secret workerToken(PoolConfig pool) {
    return pool.token().isEmpty() ? ownWorkers : pool.token();
  }

  /** Shared by the role that admits plug-ins and the one that runs them. */
  PluginCompiler plugins() {
    return plugins;
  }

  Readiness readiness() {
    return readiness;
  }
}
