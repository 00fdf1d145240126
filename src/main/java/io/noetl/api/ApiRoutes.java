package io.noetl.api;

import java.util.List;

/** The table of contents of the API: every resource, and through them every route. */
public final class ApiRoutes {
  /** Executions whose owner is remembered. */
  private static final int KNOWN_OWNERS = 50_000;

  private final Routes routes;
  private final EventFeed feed;

  public ApiRoutes(ApiConfig config, Access access, HttpMetrics metrics, ApiParts parts) {
    this.feed = parts.feed();
    ApiLimits limits = config.limits();
    Owners owners = new Owners(parts.executions(), KNOWN_OWNERS);
    EventStreams streams = new EventStreams(parts.events(), parts.feed(), limits, metrics);
    ReportDesk desk =
        new ReportDesk(parts.intents(), parts.leases(), parts.events(), config.lease());
    this.routes = new Routes(limits);
    List<Resource> resources =
        List.of(
            new HealthRoutes(parts.health(), access, parts.build(), parts.scrape(), parts.clock()),
            new CatalogRoutes(parts.catalog(), limits),
            new PluginRoutes(parts.catalog(), parts.pluginGrants(), limits),
            new PluginGrantRoutes(parts.pluginGrants()),
            new PluginCallRoutes(
                parts.catalog(),
                parts.pluginGrants(),
                parts.executions(),
                parts.events(),
                parts.build(),
                limits),
            new ExecuteRoutes(
                parts.catalog(),
                parts.definitions(),
                parts.intents(),
                parts.dedupKeys(),
                owners,
                parts.runtimes().settings(),
                parts.settings(),
                parts.ids(),
                limits),
            new ExecutionRoutes(
                parts.executions(),
                parts.events(),
                parts.intents(),
                new Summaries(parts.clock()),
                limits),
            new EventPageRoutes(parts.executions(), parts.events(), streams, limits),
            new EndRoutes(parts.executions(), parts.intents(), owners),
            new EventRoutes(desk, owners, limits),
            new CommandRoutes(
                parts.leases(),
                parts.commands(),
                parts.events(),
                parts.executions(),
                config,
                parts.clock()),
            new RuntimeRoutes(parts.runtimes(), parts.leases(), config),
            new OperationRoutes(
                parts.executions(),
                parts.catalog(),
                parts.runtimes(),
                parts.outbox(),
                parts.shards(),
                parts.shardCount(),
                this::routes));
    resources.forEach(resource -> resource.routing(routes));
  }

  Routes routes() {
    return routes;
  }

  /** Ends all event streams; their readers resume at another server. */
  void endStreams() {
    feed.close();
  }
}
