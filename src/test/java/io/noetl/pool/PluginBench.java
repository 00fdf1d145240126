package io.noetl.pool;

import io.noetl.json.Json;
import io.noetl.playbook.ToolKind;
import io.noetl.playbook.template.TemplateLimits;
import io.noetl.playbook.template.Templates;
import io.noetl.playbook.value.Outcome;
import io.noetl.tool.ToolCall;
import io.noetl.tool.ToolCall.Identity;
import io.noetl.tool.ToolCall.LineLog;
import io.noetl.tool.container.ClusterSecrets;
import io.noetl.tool.http.AccessTokens;
import io.noetl.tool.http.HttpExecutor;
import io.noetl.tool.http.HttpSettings;
import io.noetl.tool.postgres.GuestSql;
import io.noetl.tool.postgres.PostgresSettings;
import io.noetl.tool.sequence.CommandContext;
import io.noetl.tool.sequence.CommandResult;
import io.noetl.wasm.PluginCompiler;
import io.noetl.wasm.PluginHost;
import io.noetl.wasm.PluginLimits;
import io.noetl.wasm.PluginModules;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The part of a system pool that runs plug-ins, against a server, without a bus. */
public final class PluginBench implements AutoCloseable {
  private final String url;
  private final HttpExecutor http = new HttpExecutor(HttpSettings.DEFAULT);
  private final Secrets secrets;
  private final PluginExecutor executor;
  private final AtomicLong commands = new AtomicLong(7_000_000_000_000L);

  /**
   * @param token opens the server's internal routes
   * @param recordings folder that every call is recorded in
   */
  public PluginBench(String url, String token, PluginLimits limits, Optional<Path> recordings) {
    this.url = url;
    ServerClient server = new ServerClient(url, Duration.ofSeconds(20), token);
    AccessTokens tokens = new AccessTokens(http, InstantSource.system(), 10);
    this.secrets =
        new Secrets(
            server,
            tokens,
            new SecretProviders(
                http, tokens, new ClusterSecrets(Optional.empty()), SecretProviders.Settings.NONE),
            new Templates(TemplateLimits.DEFAULT),
            new KeychainSettings(true, Map.of(), null, Duration.ofSeconds(30), 100, Duration.ZERO),
            InstantSource.system());
    this.executor =
        new PluginExecutor(
            server,
            CompletableFuture.completedFuture(new PluginHost(limits)),
            new PluginModules(limits, PluginCompiler.inProcess()),
            secrets,
            new GuestSql(PostgresSettings.DEFAULT, 10_000),
            InstantSource.system(),
            new Random(1),
            recordings);
  }

  /** Runs the plug-in of this path for a step of the execution, as a command of its own. */
  public Outcome run(String executionId, String path) throws InterruptedException {
    Identity identity =
        new Identity(
            executionId, Long.toString(commands.incrementAndGet()), "start", 1, url, "bench");
    Map<String, @Nullable Object> fields = Map.of("plugin", Map.of("path", path));
    CommandSecrets own = secrets.begin(command(), identity);
    try {
      Outcome outcome =
          executor.run(
              new ToolCall(
                  ToolKind.WASM, fields, Map.of(), identity, Map.of(), null, LineLog.NONE));
      return own.redacted(new CommandResult(outcome, List.of())).outcome();
    } finally {
      secrets.end(identity, own);
    }
  }

  private static CommandContext command() {
    return CommandContext.fromMap(
        Json.parseObject(
            Json.bytes(
                Map.of(
                    "tool", Map.of("kind", "wasm"),
                    "rendered", Map.of(),
                    "input", Map.of(),
                    "workload", Map.of(),
                    "environment", Map.of()))));
  }

  @Override
  public void close() {
    executor.close();
    http.close();
  }
}
