package io.noetl.mode;

import io.noetl.bus.Bus;
import io.noetl.bus.Subjects;
import io.noetl.config.BusConfig;
import io.noetl.config.ConfigLoader;
import io.noetl.config.HttpConfig;
import io.noetl.config.NoetlConfig;
import io.noetl.config.PoolConfig;
import io.noetl.config.PythonConfig;
import io.noetl.playbook.ToolKind;
import io.noetl.playbook.template.TemplateLimits;
import io.noetl.playbook.template.Templates;
import io.noetl.pool.PluginExecutor;
import io.noetl.pool.Pool;
import io.noetl.pool.PoolMetrics;
import io.noetl.pool.PoolSettings;
import io.noetl.pool.ServerClient;
import io.noetl.pool.ToolCommandRunner;
import io.noetl.support.Lifecycle;
import io.noetl.tool.ToolExecutor;
import io.noetl.tool.ToolExecutors;
import io.noetl.tool.http.HttpExecutor;
import io.noetl.tool.http.HttpSettings;
import io.noetl.tool.noop.NoopExecutor;
import io.noetl.tool.python.ChildEnvironment;
import io.noetl.tool.python.PythonExecutor;
import io.noetl.tool.python.PythonSettings;
import io.noetl.tool.sequence.SequenceRunner;
import io.noetl.tool.sequence.SequenceSettings;
import io.noetl.wasm.PluginHost;
import io.noetl.wasm.PluginLimits;
import io.noetl.wasm.PluginModules;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.FutureTask;

/** A worker or a system pool: the same loop with other tools. */
final class PoolParts {
  private static final Duration SERVER_TIMEOUT = Duration.ofSeconds(30);

  private final Node node;

  PoolParts(Node node) {
    this.node = node;
  }

  /** A worker, which runs the ordinary tools. */
  Lifecycle worker(Bus bus, String serverUrl) {
    NoetlConfig config = node.config();
    ServerClient server = client(serverUrl);
    ToolExecutor http = new HttpExecutor(http(config.http()));
    Map<ToolKind, ToolExecutor> tools = new EnumMap<>(ToolKind.class);
    tools.put(ToolKind.NOOP, new NoopExecutor());
    tools.put(ToolKind.HTTP, http);
    PythonExecutor python = new PythonExecutor(python(config.python()), http);
    // In the background: the first call should not pay for the interpreter's start.
    Thread.ofVirtual().name("python-warm-up").start(python::warmUp);
    tools.put(ToolKind.PYTHON, python);
    return pool(config.worker(), bus, server, new ToolExecutors(tools));
  }

  /** A system pool, which runs plug-ins. */
  Lifecycle systemPool(Bus bus, String serverUrl) {
    ServerClient server = client(serverUrl);
    PluginLimits limits = PluginSettings.limits(node.config().plugin());
    PluginModules modules = new PluginModules(limits, node.plugins());
    FutureTask<PluginHost> host = new FutureTask<>(() -> new PluginHost(limits));
    // In the background: the pool can register and pull meanwhile.
    Thread.ofPlatform().daemon().name("plug-in warm-up").start(host);
    Map<ToolKind, ToolExecutor> tools = new EnumMap<>(ToolKind.class);
    tools.put(ToolKind.NOOP, new NoopExecutor());
    tools.put(
        ToolKind.WASM,
        new PluginExecutor(
            server,
            host,
            modules,
            node.clock(),
            new SecureRandom(),
            node.config().plugin().recordings()));
    return pool(node.config().systemPool(), bus, server, new ToolExecutors(tools));
  }

  private ServerClient client(String serverUrl) {
    return new ServerClient(
        serverUrl, SERVER_TIMEOUT, node.config().auth().internalToken().reveal());
  }

  private Lifecycle pool(PoolConfig own, Bus bus, ServerClient server, ToolExecutors tools) {
    PoolSettings settings = settings(own, node.config().bus(), tools.kinds());
    SequenceRunner runner =
        new SequenceRunner(
            tools,
            new Templates(TemplateLimits.DEFAULT),
            SequenceSettings.DEFAULT,
            node.clock(),
            Thread::sleep);
    Pool pool =
        new Pool(
            bus,
            server,
            new ToolCommandRunner(runner, server.baseUrl(), settings.workerId()),
            settings,
            new PoolMetrics(node.metrics().registry(), settings.pool(), settings.slots()),
            node.loop("pool " + settings.pool()));
    return new Adapted(
        pool::start,
        () -> {
          pool.close();
          tools.close();
        });
  }

  private PoolSettings settings(PoolConfig own, BusConfig bus, Set<ToolKind> kinds) {
    String pool = own.pools().getFirst();
    boolean separate = node.mode() != Mode.ALL;
    Optional<String> filter = separate ? bus.filterSubject() : Optional.empty();
    Optional<String> durable = separate ? bus.consumer() : Optional.empty();
    List<String> filters =
        filter
            .map(List::of)
            .orElseGet(() -> own.pools().stream().map(Subjects::commandsOfPool).toList());
    return new PoolSettings(
        pool,
        own.workerId().orElseGet(() -> host() + "-" + ProcessHandle.current().pid() + "-" + pool),
        own.slots(),
        own.lease(),
        own.drain(),
        durable.orElse("pool-" + pool),
        filters,
        kinds.stream().map(ToolKind::word).sorted().toList(),
        Map.of());
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      // A machine may lack a name; the process id still tells workers apart on it.
      return "host";
    }
  }

  private static HttpSettings http(HttpConfig config) {
    return new HttpSettings(
        config.timeout(),
        Math.toIntExact(config.bodyLimit()),
        config.maxRedirects(),
        config.denyInternal(),
        Set.copyOf(config.allowedHosts()));
  }

  private static PythonSettings python(PythonConfig config) {
    return new PythonSettings(
        config.interpreter(),
        config.maxConcurrent(),
        config.warm(),
        config.preload(),
        config.startTimeout(),
        Math.toIntExact(config.streamLimit()),
        Math.toIntExact(config.resultLimit()),
        ChildEnvironment.of(ConfigLoader.environment(), config.secretNames()),
        Path.of(System.getProperty("java.io.tmpdir")));
  }
}
