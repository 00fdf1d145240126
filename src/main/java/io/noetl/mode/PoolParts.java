package io.noetl.mode;

import io.noetl.bus.Bus;
import io.noetl.bus.BusStream;
import io.noetl.bus.Subjects;
import io.noetl.config.BusConfig;
import io.noetl.config.ConfigLoader;
import io.noetl.config.HttpConfig;
import io.noetl.config.KeychainConfig;
import io.noetl.config.KubernetesConfig;
import io.noetl.config.McpConfig;
import io.noetl.config.NatsToolConfig;
import io.noetl.config.NoetlConfig;
import io.noetl.config.PoolConfig;
import io.noetl.config.PythonConfig;
import io.noetl.config.ResultsConfig;
import io.noetl.config.TemplateConfig;
import io.noetl.playbook.ToolKind;
import io.noetl.playbook.template.TemplateLimits;
import io.noetl.playbook.template.Templates;
import io.noetl.pool.EndedCommands;
import io.noetl.pool.KeychainSettings;
import io.noetl.pool.Parking;
import io.noetl.pool.PlaybookExecutor;
import io.noetl.pool.PluginExecutor;
import io.noetl.pool.Pool;
import io.noetl.pool.PoolMetrics;
import io.noetl.pool.PoolSettings;
import io.noetl.pool.ResultStreams;
import io.noetl.pool.SecretProviders;
import io.noetl.pool.Secrets;
import io.noetl.pool.ServerClient;
import io.noetl.pool.ServerResults;
import io.noetl.pool.ToolCommandRunner;
import io.noetl.support.Lifecycle;
import io.noetl.tool.ToolExecutor;
import io.noetl.tool.ToolExecutors;
import io.noetl.tool.artifact.ArtifactExecutor;
import io.noetl.tool.container.ClusterAccess;
import io.noetl.tool.container.ClusterSecrets;
import io.noetl.tool.container.ContainerExecutor;
import io.noetl.tool.container.ContainerSettings;
import io.noetl.tool.container.JobReaper;
import io.noetl.tool.http.AccessTokens;
import io.noetl.tool.http.HttpExecutor;
import io.noetl.tool.http.HttpSettings;
import io.noetl.tool.mcp.McpExecutor;
import io.noetl.tool.nats.NatsExecutor;
import io.noetl.tool.nats.NatsSettings;
import io.noetl.tool.noop.NoopExecutor;
import io.noetl.tool.process.ChildEnvironment;
import io.noetl.tool.python.PythonExecutor;
import io.noetl.tool.python.PythonSettings;
import io.noetl.tool.sequence.SequenceRunner;
import io.noetl.tool.sequence.SequenceSettings;
import io.noetl.tool.shell.ShellExecutor;
import io.noetl.tool.shell.ShellSettings;
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
import java.util.stream.Collectors;
import java.util.stream.Stream;

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
    ServerClient server = client(serverUrl, config.worker());
    SecretParts secrets = secrets(server);
    HttpExecutor http = new HttpExecutor(http(config.http()), secrets.secrets(), secrets.tokens());
    Map<ToolKind, ToolExecutor> tools = new EnumMap<>(ToolKind.class);
    tools.put(ToolKind.NOOP, new NoopExecutor());
    tools.put(ToolKind.HTTP, http);
    PythonExecutor python = new PythonExecutor(python(config.python()), http);
    // In the background: the first call should not pay for the interpreter's start.
    Thread.ofVirtual().name("python-warm-up").start(python::warmUp);
    tools.put(ToolKind.PYTHON, python);
    tools.putAll(SqlParts.tools(config, secrets.secrets(), http));
    ArtifactExecutor artifacts = new ArtifactExecutor(results(server));
    tools.put(ToolKind.ARTIFACT, artifacts);
    tools.put(ToolKind.RESULT_FETCH, artifacts);
    Parking parking = new Parking(config.worker().slots());
    tools.put(ToolKind.PLAYBOOK, new PlaybookExecutor(server, parking));
    tools.put(ToolKind.SHELL, new ShellExecutor(shell(config)));
    tools.put(ToolKind.NATS, new NatsExecutor(nats(config.nats()), secrets.secrets()));
    boolean failOnResultErrors = config.mcp().resultErrors() == McpConfig.ResultErrors.FAIL;
    tools.put(ToolKind.MCP, new McpExecutor(http, config.http().timeout(), failOnResultErrors));
    ContainerExecutor containers =
        new ContainerExecutor(
            containers(config.kubernetes()), access(config.kubernetes()), http, slots(parking));
    tools.put(ToolKind.CONTAINER, containers);
    tools.put(ToolKind.SCRIPT, containers);
    JobReaper reaper =
        new JobReaper(containers, new EndedCommands(server), config.kubernetes().sweepInterval());
    Lifecycle pool = pool(config.worker(), bus, server, secrets, parking, new ToolExecutors(tools));
    if (access(config.kubernetes()).isEmpty()) {
      return pool;
    }
    return new Adapted(
        () -> {
          pool.start();
          reaper.start();
        },
        () -> {
          reaper.close();
          pool.close();
        });
  }

  /** A system pool, which runs plug-ins. */
  Lifecycle systemPool(Bus bus, String serverUrl) {
    ServerClient server = client(serverUrl, node.config().systemPool());
    PluginLimits limits = PluginSettings.limits(node.config().plugin());
    PluginModules modules = new PluginModules(limits, node.plugins());
    FutureTask<PluginHost> host = new FutureTask<>(() -> new PluginHost(limits));
    // In the background: the pool can register and pull meanwhile.
    Thread.ofPlatform().daemon().name("plug-in warm-up").start(host);
    SecretParts secrets = secrets(server);
    Map<ToolKind, ToolExecutor> tools = new EnumMap<>(ToolKind.class);
    tools.put(ToolKind.NOOP, new NoopExecutor());
    tools.put(
        ToolKind.WASM,
        new PluginExecutor(
            server,
            host,
            modules,
            secrets.secrets(),
            SqlParts.guests(node.config()),
            node.clock(),
            new SecureRandom(),
            node.config().plugin().recordings()));
    Parking parking = new Parking(node.config().systemPool().slots());
    return pool(
        node.config().systemPool(), bus, server, secrets, parking, new ToolExecutors(tools));
  }

  /**
   * Where the tools of a pool get credentials.
   *
   * @param http fetches tokens, and itself needs no credentials for that
   */
  private record SecretParts(
      ToolExecutor http, AccessTokens tokens, ClusterSecrets cluster, Secrets secrets) {}

  private SecretParts secrets(ServerClient server) {
    KeychainConfig config = node.config().keychain();
    ToolExecutor http = new HttpExecutor(http(node.config().http()));
    AccessTokens tokens = new AccessTokens(http, node.clock(), config.cacheEntries());
    KeychainSettings settings =
        new KeychainSettings(
            config.unresolved() == KeychainConfig.Unresolved.FAIL,
            config.readable(ConfigLoader.environment()),
            config.secretsFolder().orElse(null),
            config.cache(),
            config.cacheEntries(),
            config.patience());
    ClusterSecrets cluster = new ClusterSecrets(access(node.config().kubernetes()));
    SecretProviders providers =
        new SecretProviders(
            http,
            tokens,
            cluster,
            new SecretProviders.Settings(
                config.vaultUrl().orElse(""),
                config.vaultToken().reveal(),
                config.vaultPaths(),
                config.clusterSecrets(),
                node.config().kubernetes().namespace()));
    return new SecretParts(
        http,
        tokens,
        cluster,
        new Secrets(
            server,
            tokens,
            providers,
            new Templates(TemplateLimits.DEFAULT),
            settings,
            node.clock()));
  }

  private ServerResults results(ServerClient server) {
    return new ServerResults(server, node.config().limits().resultBody());
  }

  private static ResultStreams.Limits streamLimits(ResultsConfig config) {
    return new ResultStreams.Limits(config.partBytes(), config.streamBytes(), config.streamRows());
  }

  private ServerClient client(String serverUrl, PoolConfig pool) {
    return new ServerClient(
        serverUrl, SERVER_TIMEOUT, node.workerToken(pool).reveal(), node.internalToken().reveal());
  }

  private Lifecycle pool(
      PoolConfig own,
      Bus bus,
      ServerClient server,
      SecretParts secrets,
      Parking parking,
      ToolExecutors tools) {
    PoolSettings settings = settings(own, node.config().bus(), tools.kinds());
    SequenceRunner runner =
        new SequenceRunner(
            tools,
            new Templates(templates(node.config().template())),
            new SequenceSettings(node.config().sequence().maxTaskRuns()),
            node.clock(),
            Thread::sleep);
    Pool pool =
        new Pool(
            bus,
            server,
            new ToolCommandRunner(
                runner,
                results(server),
                new ResultStreams(server, streamLimits(node.config().results())),
                secrets.secrets(),
                server.baseUrl(),
                settings.workerId()),
            parking,
            settings,
            Math.toIntExact(node.config().results().inlineMaxBytes()),
            new PoolMetrics(node.metrics().registry(), settings.pool(), settings.slots()),
            node.loop("pool " + settings.pool()));
    return new Adapted(
        pool::start,
        () -> {
          pool.close();
          tools.close();
          secrets.cluster().close();
          secrets.http().close();
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

  static TemplateLimits templates(TemplateConfig config) {
    return new TemplateLimits(
        config.maxOutput(),
        config.maxAllocated(),
        config.maxRange(),
        config.maxDepth(),
        config.maxTime(),
        config.lazyDepth(),
        config.maxDigits(),
        config.cacheEntries(),
        config.cacheCharacters());
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
        childEnvironment(config),
        temporary());
  }

  private static ShellSettings shell(NoetlConfig config) {
    return new ShellSettings(
        config.shell().program(),
        Math.toIntExact(config.shell().streamLimit()),
        childEnvironment(config.python()),
        temporary());
  }

  private static NatsSettings nats(NatsToolConfig config) {
    return new NatsSettings(
        config.timeout(),
        config.connectTimeout(),
        config.maxConnections(),
        config.idleTimeout(),
        config.maxBatch(),
        config.maxKeys(),
        Math.toIntExact(config.objectLimit()),
        Stream.of(BusStream.values()).map(BusStream::wireName).collect(Collectors.toSet()),
        Stream.of(BusStream.values()).map(BusStream::prefix).toList());
  }

  private static ContainerExecutor.Slots slots(Parking parking) {
    return new ContainerExecutor.Slots() {
      @Override
      public <T> T without(ContainerExecutor.Waiting<T> wait) throws InterruptedException {
        return parking.without(wait::await);
      }
    };
  }

  private static ContainerSettings containers(KubernetesConfig config) {
    return new ContainerSettings(
        config.namespace(),
        config.namespaces(),
        config.scriptImage(),
        config.pollInterval(),
        config.longestPause(),
        config.sweepInterval(),
        config.startLimit(),
        config.outageLimit(),
        config.keepEnded(),
        Math.toIntExact(config.outputLimit()));
  }

  private static Optional<ClusterAccess> access(KubernetesConfig config) {
    return switch (config.access()) {
      case NONE -> Optional.empty();
      case IN_CLUSTER -> Optional.of(new ClusterAccess.InCluster());
      case KUBECONFIG ->
          config.kubeconfig().map(file -> new ClusterAccess.Kubeconfig(file, config.context()));
    };
  }

  private static Map<String, String> childEnvironment(PythonConfig config) {
    return ChildEnvironment.of(ConfigLoader.environment(), config.secretNames());
  }

  private static Path temporary() {
    return Path.of(System.getProperty("java.io.tmpdir"));
  }
}
