package io.noetl.pool;

import io.noetl.playbook.ToolKind;
import io.noetl.playbook.value.Errors;
import io.noetl.playbook.value.Outcome;
import io.noetl.pool.CommandRunner.GiveBackException;
import io.noetl.pool.CommandRunner.NextAttemptException;
import io.noetl.pool.ServerClient.Reply;
import io.noetl.pool.ServerClient.UnreachableException;
import io.noetl.support.Backoff;
import io.noetl.support.Gathered;
import io.noetl.tool.Fields;
import io.noetl.tool.InvalidConfig;
import io.noetl.tool.ToolCall;
import io.noetl.tool.ToolExecutor;
import io.noetl.tool.postgres.GuestSql;
import io.noetl.wasm.EngineMode;
import io.noetl.wasm.HostFunctions;
import io.noetl.wasm.PluginCall;
import io.noetl.wasm.PluginGrants;
import io.noetl.wasm.PluginHost;
import io.noetl.wasm.PluginLoad;
import io.noetl.wasm.PluginModule;
import io.noetl.wasm.PluginModules;
import io.noetl.wasm.PluginRecorder;
import io.noetl.wasm.PluginResult;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs calls of kind {@code wasm}: the module comes from the server's catalog, the call runs in the
 * sandbox, and what it does to the world goes through the server's API.
 */
public final class PluginExecutor implements ToolExecutor {
  private static final Logger log = LoggerFactory.getLogger(PluginExecutor.class);

  /** Characters of a guest's log that its event keeps. */
  private static final int LOG_CHARACTERS = 4_096;

  /** Plug-ins asked for in one go, and how many goes are on their way before callers gather. */
  private static final int LOOKUPS = 16;

  private static final int LOOKUPS_SIDE_BY_SIDE = 2;

  private final ServerClient server;
  private final Gathered<Plugin, Reply> lookups;
  private final Future<PluginHost> host;
  private final PluginModules modules;
  private final Secrets secrets;
  private final GuestSql sql;
  private final PluginFunctions functions;
  private final PluginAudit audit;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Optional<PluginRecordings> recordings;

  /**
   * @param host warms its classes for some tenths of a second, so it may still be on its way
   * @param secrets hide what a plug-in was given as a secret
   * @param sql runs the statements of plug-ins; closed with this executor
   * @param recordings folder that every call is recorded in; empty for none
   */
  public PluginExecutor(
      ServerClient server,
      Future<PluginHost> host,
      PluginModules modules,
      Secrets secrets,
      GuestSql sql,
      InstantSource clock,
      RandomGenerator random,
      Optional<Path> recordings) {
    this.server = server;
    // The state of a plug-in is asked for before each call; calls side by side share the answer.
    this.lookups = new Gathered<>(LOOKUPS, LOOKUPS_SIDE_BY_SIDE, this::shown);
    this.host = host;
    this.modules = modules;
    this.secrets = secrets;
    this.sql = sql;
    this.functions = new PluginFunctions(server, secrets, sql);
    this.audit = new PluginAudit(server, secrets);
    this.clock = clock;
    this.random = random;
    this.recordings = recordings.map(PluginRecordings::new);
  }

  @Override
  public Outcome run(ToolCall call) throws InterruptedException {
    if (!(call.fields().get("plugin") instanceof Map<?, ?> plugin)
        || !(plugin.get("path") instanceof String path)
        || path.isBlank()) {
      return hard("CONFIGURATION", "Invalid wasm config: missing field 'plugin.path'");
    }
    Duration timeout;
    try {
      timeout = timeout(call);
    } catch (InvalidConfig e) {
      return hard("CONFIGURATION", String.valueOf(e.getMessage()));
    }
    Found found = patiently(() -> find(call, path, plugin.get("version")));
    if (found.outcome() != null) {
      return found.outcome();
    }
    PluginLoad load =
        patiently(
            () ->
                modules.load(
                    path,
                    found.version(),
                    found.digest(),
                    EngineMode.COMPILED,
                    () -> bytes(call, path, found.version())));
    return switch (load) {
      case PluginLoad.Loaded loaded -> run(call, timeout, loaded.module(), found);
      case PluginLoad.Refused refused -> hard(refused.code().name(), refused.message());
    };
  }

  private Outcome run(ToolCall call, @Nullable Duration timeout, PluginModule module, Found found)
      throws InterruptedException {
    PluginGrants grants =
        new ServerGrants(
            server(call), resource(module.path(), null), call.identity().tenantId(), found.entry());
    PluginCall guest = plug(call, timeout);
    PluginRecorder recorder = new PluginRecorder();
    HostFunctions offered = functions.of(call.identity());
    HostFunctions heard = recordings.isPresent() ? recorder.listening(offered) : offered;
    PluginResult result = host().call(module, guest, grants, heard);
    recordings.ifPresent(
        folder ->
            folder.keep(
                recorder.script(module, guest, grants, result),
                script -> secrets.cleaned(script, call.identity())));
    // Before the result: a call whose audit is lost would be a hole in the log.
    patiently(
        () -> {
          audit.record(
              call.identity(),
              module.path(),
              module.version(),
              module.digest(),
              result.usage().calls());
          return result;
        });
    result
        .usage()
        .log()
        .forEach(
            line ->
                log.info(
                    "plug-in {}: {}", line.level(), secrets.clean(line.text(), call.identity())));
    return outcome(result);
  }

  private interface Asking<T> {
    T ask() throws InterruptedException;
  }

  /**
   * Asks until the server answers. It may be on its way up again, and nothing has run yet: that is
   * no failure of the step. Ends with the command's lease, whose loss interrupts this thread.
   */
  private static <T> T patiently(Asking<T> asking) throws InterruptedException {
    Backoff backoff =
        new Backoff(Duration.ofMillis(200), Duration.ofSeconds(5), RandomGenerator.getDefault());
    while (true) {
      try {
        return asking.ask();
      } catch (UnreachableException e) {
        log.warn("{}, trying again", e.getMessage());
        Thread.sleep(backoff.next());
      }
    }
  }

  private PluginHost host() throws InterruptedException {
    try {
      return host.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("Expected a working plug-in host, but it is broken", e);
    }
  }

  /** A version of a plug-in, or why there is none. */
  private record Found(
      int version, String digest, Map<String, @Nullable Object> entry, @Nullable Outcome outcome) {}

  private static String resource(String path, @Nullable Object version) {
    String query = version == null ? "" : "?version=" + encoded(String.valueOf(version));
    return "/api/plugins/" + path(path) + query;
  }

  /** What is asked of the catalog: the same path is another plug-in for another tenant. */
  private record Plugin(String tenant, String resource) {}

  private ServerClient server(ToolCall call) {
    return server.as(call.identity().tenantId());
  }

  private Map<Plugin, Reply> shown(Set<Plugin> plugins) {
    Map<Plugin, Reply> replies = new LinkedHashMap<>();
    for (Plugin plugin : plugins) {
      replies.put(plugin, server.as(plugin.tenant()).get(plugin.resource()));
    }
    return replies;
  }

  private Found find(ToolCall call, String path, @Nullable Object version) {
    Reply reply = lookups.get(new Plugin(call.identity().tenantId(), resource(path, version)));
    if (reply == null) {
      throw new IllegalStateException("Expected an answer about " + path + ", but there is none");
    }
    if (reply.status() == 404) {
      return new Found(
          0,
          "",
          Map.of(),
          hard(
              "NOT_FOUND",
              "plug-in '"
                  + path
                  + "'"
                  + (version == null ? "" : " version " + version)
                  + " is not registered; push it with POST /api/plugins/"
                  + path));
    }
    if (reply.passing()) {
      throw new UnreachableException("the catalog does not answer now: " + reply.error(), null);
    }
    if (!reply.ok()
        || !(reply.body().get("version") instanceof Number number)
        || !(reply.body().get("digest") instanceof String digest)) {
      return new Found(
          0, "", Map.of(), hard("UNAVAILABLE", "the catalog did not answer: " + reply.error()));
    }
    return new Found(number.intValue(), digest, reply.body(), null);
  }

  private byte[] bytes(ToolCall call, String path, int version) {
    byte[] bytes =
        server(call).bytes("/api/internal/plugins/" + path(path) + "?version=" + version);
    if (bytes == null) {
      throw new IllegalStateException(
          "Expected the module of " + path + " version " + version + ", but it is gone");
    }
    return bytes;
  }

  private PluginCall plug(ToolCall call, @Nullable Duration timeout) {
    byte[] seed = new byte[16];
    random.nextBytes(seed);
    Map<String, @Nullable Object> input = new LinkedHashMap<>();
    if (call.input() instanceof Map<?, ?> map) {
      map.forEach((name, value) -> input.put(String.valueOf(name), value));
    }
    return new PluginCall(
        call.identity().executionId(),
        call.identity().commandId(),
        call.identity().step(),
        call.identity().attempt(),
        call.identity().tenantId(),
        clock.instant(),
        HexFormat.of().formatHex(seed),
        input,
        timeout,
        call.fields().get("memory_mb") instanceof Number mib ? mib.intValue() : null);
  }

  /**
   * The smaller of what the step leaves and the tool's own; the host takes the smaller of that and
   * {@code plugin.wall-clock}. Null = neither says.
   *
   * @throws InvalidConfig when the tool's own cannot be read
   */
  static @Nullable Duration timeout(ToolCall call) {
    Duration own = new Fields(ToolKind.WASM, call.fields()).duration("timeout_seconds", "timeout");
    Duration given = call.timeout();
    if (own == null || given == null) {
      return own == null ? given : own;
    }
    return own.compareTo(given) < 0 ? own : given;
  }

  private static Outcome outcome(PluginResult result) {
    return switch (result) {
      case PluginResult.Ok ok -> Outcome.success(ok.output()).withMeta(meta(ok.usage()));
      case PluginResult.GuestError error ->
          Outcome.soft(null, error.error()).withMeta(meta(error.usage()));
      case PluginResult.Failed failed ->
          switch (failed.code().retry()) {
            case RELEASE -> throw new GiveBackException(failed.message());
            case NEXT_ATTEMPT -> throw new NextAttemptException(failed.message());
            case NEVER -> failed(failed, false);
            case BY_POLICY -> failed(failed, true);
          };
    };
  }

  private static Outcome failed(PluginResult.Failed failed, boolean retryable) {
    return Outcome.hard(Errors.of("plugin", failed.code().name(), failed.message(), retryable))
        .withMeta(meta(failed.usage()));
  }

  private static Map<String, @Nullable Object> meta(PluginResult.Usage usage) {
    Map<String, @Nullable Object> meta = new LinkedHashMap<>();
    meta.put("guest_micros", usage.guestMicros());
    meta.put("host_micros", usage.hostMicros());
    meta.put("fuel", usage.fuel());
    meta.put("host_calls", (long) usage.hostCalls());
    List<String> lines = new ArrayList<>();
    int characters = 0;
    for (PluginResult.LogLine line : usage.log()) {
      characters += line.text().length();
      if (characters > LOG_CHARACTERS) {
        break;
      }
      lines.add(line.level() + " " + line.text());
    }
    int left = usage.log().size() - lines.size() + usage.logDropped();
    if (left > 0) {
      lines.add("... and " + left + " more lines in the log of the pool");
    }
    if (!lines.isEmpty()) {
      meta.put("log", lines);
    }
    return meta;
  }

  private static Outcome hard(String code, String sentence) {
    return Outcome.hard(Errors.of("plugin", code, sentence, false));
  }

  private static String path(String path) {
    return encoded(path).replace("%2F", "/").replace("+", "%20");
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    // Modules and threads belong to the host, which lives as long as the process.
    sql.close();
  }
}
