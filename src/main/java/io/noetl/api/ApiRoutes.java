package io.noetl.api;

import io.noetl.upkeep.Upkeep;
import java.util.List;

/** The table of contents of the API: every resource, and through them every route. */
public final class ApiRoutes {
  /** Executions whose owner is remembered. */
  private static final int KNOWN_OWNERS = 50_000;

  private final Routes routes;
  private final EventFeed feed;
  private final PolicyGate gate;

  public ApiRoutes(ApiConfig config, Access access, HttpMetrics metrics, ApiParts parts) {
    this.feed = parts.feed();
    this.gate =
        new PolicyGate(parts.policies(), parts.policyMetrics(), new RoutePaths(parts.executions()));
    ApiLimits limits = config.limits();
    Upkeep upkeep = parts.upkeep();
    Owners owners = new Owners(parts.executions(), KNOWN_OWNERS);
    EventStreams streams = new EventStreams(parts.events(), parts.feed(), limits, metrics);
    ReportDesk desk =
        new ReportDesk(parts.intents(), parts.leases(), parts.events(), config.lease());
    JobCallbacks callbacks = new JobCallbacks(parts.leases(), parts.intents());
    ResultRows resultRows = new ResultRows(parts.ids());
    TimeTravelRoutes travel =
        new TimeTravelRoutes(upkeep.replay(), owners, new Summaries(parts.clock()), limits);
    this.routes = new Routes(limits);
    EventRoutes eventRoutes =
        new EventRoutes(desk, new BatchDesk(parts.intents(), desk), owners, limits);
    CommandRoutes commandRoutes =
        new CommandRoutes(
            parts.leases(),
            parts.commands(),
            upkeep.dead(),
            parts.events(),
            parts.executions(),
            callbacks,
            config,
            parts.clock());
    List<Resource> resources =
        List.of(
            new HealthRoutes(
                parts.health(),
                access,
                new TripHealth(parts.outbox(), System::nanoTime),
                parts.policies(),
                parts.build(),
                parts.scrape(),
                parts.clock()),
            new CatalogRoutes(parts.catalog(), limits),
            new SchemaRoutes(),
            new UiSchemaRoutes(parts.catalog(), parts.clock()),
            new PluginRoutes(parts.catalog(), parts.pluginGrants(), parts.signatures(), limits),
            new PluginGrantRoutes(parts.pluginGrants()),
            new PluginCallRoutes(
                parts.catalog(),
                parts.pluginGrants(),
                parts.executions(),
                parts.events(),
                parts.credentials(),
                new SystemCalls(parts.build(), parts.outbox(), upkeep.purge(), parts.doctor()),
                limits),
            new ExecuteRoutes(
                parts.catalog(),
                parts.definitions(),
                parts.intents(),
                parts.executions(),
                parts.children(),
                new StartAdmission(
                    parts.admission(), parts.poolChoice(), parts.executions(), parts.dedupKeys()),
                parts.dedupKeys(),
                owners,
                parts.runtimes().settings(),
                parts.settings(),
                parts.ids(),
                limits,
                new StartWaits(
                    parts.feed(),
                    parts.executions(),
                    parts.intents(),
                    new Summaries(parts.clock()),
                    limits)),
            new ExecutionRoutes(
                parts.executions(),
                parts.events(),
                parts.intents(),
                new Summaries(parts.clock()),
                travel,
                limits),
            travel,
            new ForkRoutes(
                parts.executions(),
                upkeep.replay(),
                parts.catalog(),
                parts.definitions(),
                parts.intents(),
                owners,
                parts.ids(),
                limits),
            new OutcomeRoutes(
                parts.executions(),
                parts.intents(),
                parts.definitions(),
                parts.feed(),
                parts.vault()),
            new EventPageRoutes(parts.executions(), parts.events(), streams, limits),
            new EndRoutes(parts.cascade(), parts.intents(), owners),
            new PauseRoutes(parts.intents(), owners),
            new SignalRoutes(parts.intents(), owners),
            new ScheduleRoutes(parts.schedules(), parts.catalog(), limits),
            new CleanupRoutes(parts.executions(), parts.intents(), parts.clock(), limits),
            new DiagnoseRoutes(
                parts.executions(), parts.events(), upkeep.work(), parts.doctor(), parts.clock()),
            new ReplayRoutes(upkeep.replay(), parts.vault(), owners, limits),
            new VariableRoutes(parts.intents(), upkeep.variables(), owners, parts.clock(), limits),
            eventRoutes,
            commandRoutes,
            new WorkerCallRoutes(eventRoutes, commandRoutes, limits),
            new ContainerRoutes(parts.leases(), callbacks, owners),
            new ResultRoutes(
                parts.results(),
                parts.uploads(),
                parts.vault(),
                owners,
                parts.executions(),
                parts.events(),
                resultRows,
                limits),
            new ResultUploadRoutes(
                parts.uploads(), resultRows, owners, parts.ids(), parts.vault().limits()),
            new RuntimeRoutes(parts.runtimes(), parts.leases(), config),
            new CredentialRoutes(parts.credentials(), parts.commands(), limits),
            new KeychainRoutes(
                parts.keychain(), parts.catalog(), parts.definitions(), limits, parts.clock()),
            new OperationRoutes(
                parts.executions(),
                parts.catalog(),
                parts.runtimes(),
                parts.outbox(),
                parts.shards(),
                parts.shardCount(),
                upkeep.connections(),
                upkeep.backlog()),
            new ContractRoutes(parts.build(), this::routes),
            new UpkeepRoutes(
                upkeep.schema(), upkeep.purge(), upkeep.rows(), upkeep.projection(), limits),
            new RetentionRoutes(upkeep.retention()),
            new PolicyRoutes(
                parts.policies(), parts.policySources(), parts.catalog(), access, this::routes),
            new DeadLetterRoutes(
                upkeep.dead(), parts.leases(), parts.intents(), parts.ids(), limits),
            new ObjectRoutes(upkeep.objects(), limits));
    resources.forEach(resource -> resource.routing(routes));
  }

  PolicyGate gate() {
    return gate;
  }

  Routes routes() {
    return routes;
  }

  /** Ends all event streams; their readers resume at another server. */
  void endStreams() {
    feed.close();
  }
}
