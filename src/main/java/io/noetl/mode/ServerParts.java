package io.noetl.mode;

import io.noetl.admission.Admission;
import io.noetl.admission.AdmissionLimits;
import io.noetl.admission.AdmissionMetrics;
import io.noetl.api.Access;
import io.noetl.api.ApiConfig;
import io.noetl.api.ApiParts;
import io.noetl.api.ApiRoutes;
import io.noetl.api.ApiServer;
import io.noetl.api.BuildInfo;
import io.noetl.api.EventFeed;
import io.noetl.api.GatewayAccess;
import io.noetl.api.HttpMetrics;
import io.noetl.api.OpenAccess;
import io.noetl.api.TokenAccess;
import io.noetl.api.TokenFile;
import io.noetl.api.TokenMetrics;
import io.noetl.api.Tokens;
import io.noetl.archive.Archive;
import io.noetl.archive.ArchiveMetrics;
import io.noetl.archive.ArchiveSettings;
import io.noetl.archive.Archiver;
import io.noetl.bus.Subjects;
import io.noetl.catalog.Catalog;
import io.noetl.catalog.CatalogDefinitions;
import io.noetl.catalog.PluginGrantStore;
import io.noetl.command.Claims;
import io.noetl.command.CommandLeases;
import io.noetl.command.CommandQueue;
import io.noetl.command.FairShare;
import io.noetl.command.FairnessMetrics;
import io.noetl.command.LeaseSweeper;
import io.noetl.config.AdmissionConfig;
import io.noetl.config.ArchiveConfig;
import io.noetl.config.ArchiveS3Config;
import io.noetl.config.AuthConfig;
import io.noetl.config.NoetlConfig;
import io.noetl.config.Secret;
import io.noetl.credential.CredentialStore;
import io.noetl.credential.Envelope;
import io.noetl.credential.KeychainStore;
import io.noetl.credential.Keys;
import io.noetl.credential.Rewrap;
import io.noetl.execution.Execution;
import io.noetl.execution.ExecutionLimits;
import io.noetl.execution.ExecutionSettings;
import io.noetl.execution.Language;
import io.noetl.execution.PoolChooser;
import io.noetl.journal.CommitNotifier;
import io.noetl.journal.DedupKeys;
import io.noetl.journal.IntentHandler;
import io.noetl.journal.LaneLimits;
import io.noetl.journal.LaneMetrics;
import io.noetl.journal.PartitionKeeper;
import io.noetl.journal.PostgresJournal;
import io.noetl.journal.PostgresJournal.CommandTimes;
import io.noetl.playbook.PlaybookLimits;
import io.noetl.playbook.PlaybookParser;
import io.noetl.playbook.TemplateCheck;
import io.noetl.playbook.template.Templates;
import io.noetl.postgres.Database;
import io.noetl.postgres.Database.Pool;
import io.noetl.postgres.Migrations;
import io.noetl.publisher.NotificationSource;
import io.noetl.query.Backlog;
import io.noetl.query.CommandPages;
import io.noetl.query.EventPages;
import io.noetl.query.Executions;
import io.noetl.query.Outbox;
import io.noetl.registry.KnownPools;
import io.noetl.registry.MachineLease;
import io.noetl.registry.MachineNumbers;
import io.noetl.registry.Runtimes;
import io.noetl.result.ResultLimits;
import io.noetl.result.ResultStore;
import io.noetl.result.ResultSweeper;
import io.noetl.result.ResultUploads;
import io.noetl.result.StoredResults;
import io.noetl.schedule.ScheduleKind;
import io.noetl.schedule.ScheduleMetrics;
import io.noetl.schedule.ScheduleSettings;
import io.noetl.schedule.Schedules;
import io.noetl.signature.SignaturePolicy;
import io.noetl.support.Lifecycles;
import io.noetl.upkeep.Purge;
import io.noetl.upkeep.RetentionKeeper;
import io.noetl.upkeep.Upkeep;
import io.noetl.verify.Doctor;
import io.noetl.verify.DoctorMetrics;
import io.noetl.verify.StuckWatch;
import io.noetl.verify.Verifier;
import io.noetl.wait.Cascade;
import io.noetl.wait.ChildAdmission;
import io.noetl.wait.WaitKeeper;
import io.noetl.wait.WaitMetrics;
import io.noetl.wait.WaitQueue;
import io.noetl.wait.WaitSettings;
import io.noetl.wasm.HostCapabilities;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The server: decisions, claims, catalog, reads, and the API in front of them. */
final class ServerParts {
  private static final Logger log = LoggerFactory.getLogger(ServerParts.class);
  private static final Duration FEED_POLL = Duration.ofMillis(200);
  private static final int CACHED_PLAYBOOKS = 500;
  private static final int CLAIM_BATCH = 500;
  private static final int CLAIM_QUEUE = 10_000;
  private static final PoolChooser POOLS = new PoolChooser(Map.of());

  private final Node node;
  private final SignaturePolicy signatures;
  private final PolicyParts policyParts;
  private final @Nullable TokenFile tokens;
  private final Deferred<ApiServer> api;

  /**
   * Adds the server's parts; they start when {@code parts} does, after the database.
   *
   * @param nearPublisher wakes the publisher of this process; false when there is none that
   *     publishes
   */
  ServerParts(
      Node node,
      Lifecycles parts,
      DatabaseParts databases,
      Keys keys,
      BooleanSupplier nearPublisher) {
    this.node = node;
    this.signatures = PluginSettings.signatures(node.config().plugin());
    this.policyParts = new PolicyParts(node);
    this.tokens = tokens();
    if (tokens != null) {
      parts.add("tokens file", tokens);
    }
    Envelope secrets = new Envelope(keys, new SecureRandom());
    Deferred<MachineLease> machine =
        parts.add(
            "machine number",
            new Deferred<>(
                () ->
                    new MachineLease(
                        new MachineNumbers(databases.database()),
                        node.config().snowflake(),
                        node.mode().word(),
                        node.clock()::millis,
                        System::nanoTime,
                        reason -> log.error("{}", reason))));
    node.readiness()
        .asks(
            "machine number",
            () -> {
              MachineLease held = machine.ifStarted();
              return held == null ? "not taken yet" : held.trouble();
            });
    Deferred<CommitNotifier> notifier =
        parts.add(
            "notifier",
            new Deferred<>(
                () ->
                    new CommitNotifier(
                        databases.database().dataSource(Pool.BACKGROUND),
                        NotificationSource.CHANNEL,
                        nearPublisher)));
    Deferred<EventFeed> feed =
        parts.add(
            "event feed",
            new Deferred<>(() -> new EventFeed(new Executions(databases.database()), FEED_POLL)));
    Deferred<Decisions> decisions =
        parts.add(
            "decisions",
            new Deferred<>(
                () -> decisions(databases.database(), machine.get(), notifier.get(), feed.get())));
    parts.add(
        "policies",
        new Deferred<>(
            () ->
                policyParts.keeper(databases.database(), decisions.get(), machine.get()::nextId)));
    this.api =
        parts.add(
            "api",
            new Deferred<>(
                () ->
                    api(databases.database(), machine.get(), feed.get(), decisions.get(), secrets)),
            node.config().shutdown().drain().plusSeconds(5));
    parts.add(
        "rewrap",
        new Deferred<>(
            () ->
                new Rewrap(
                    databases.database(), secrets, node.config().credentials().rewrapBatch())));
    ArchiveConfig archive = node.config().archive();
    if (archive.folder().isPresent() || node.config().archiveS3().bucket().isPresent()) {
      parts.add(
          "archiver",
          new Deferred<>(
              () ->
                  new Archiver(
                      decisions.get().archive(),
                      node.loop("archiver", archive.every().multipliedBy(3).plusMinutes(1)))));
    }
  }

  /** The API, once started. */
  ApiServer api() {
    return api.get();
  }

  private Decisions decisions(
      Database database, MachineLease machine, CommitNotifier notifier, EventFeed feed) {
    NoetlConfig config = node.config();
    var command = config.command();
    Templates templates = new Templates(PoolParts.templates(config.template()));
    PlaybookParser parser =
        new PlaybookParser(
            playbookLimits(config),
            TemplateCheck.of(templates::syntaxError, templates::guardSyntaxError));
    Catalog catalog =
        new Catalog(
            database,
            parser,
            new ModuleAdmission(PluginSettings.limits(config.plugin()), node.plugins()),
            machine::nextId,
            node.clock(),
            List.of(new ScheduleKind()));
    CatalogDefinitions definitions = new CatalogDefinitions(database, parser, CACHED_PLAYBOOKS);
    Archive archive =
        new Archive(
            database,
            archive(config.archive(), config.archiveS3()),
            new ArchiveMetrics(node.metrics().registry()));
    PostgresJournal journal =
        new PostgresJournal(
            database.dataSource(Pool.APPEND),
            database.dataSource(Pool.READ),
            new CommandTimes(command.lease(), command.republishAfter(), command.maxAttempts()),
            config.waits().retry(),
            archive);
    StoredResults vault =
        new StoredResults(
            database,
            new ResultLimits(
                config.limits().resultBody(),
                config.results().cacheBytes(),
                config.results().maxReferences(),
                config.results().partBytes(),
                config.results().streamBytes()),
            archive);
    CommandQueue commands = new CommandQueue(database.dataSource(Pool.APPEND));
    var lanes = config.lanes();
    IntentHandler intents =
        new IntentHandler(
            new LaneLimits(
                lanes.count(),
                lanes.maxBatch(),
                lanes.maxQueue(),
                lanes.maxDecisions(),
                lanes.cachedStates()),
            new Execution(
                new Language(
                    templates,
                    new ExecutionLimits(
                        config.playbook().stepRuns(),
                        config.playbook().loopItems(),
                        config.playbook().cursorFrames(),
                        config.playbook().maxInFlight(),
                        Math.toIntExact(config.results().inlineMaxBytes()),
                        Math.toIntExact(config.limits().resultBody()),
                        Math.toIntExact(config.playbook().childPayload()),
                        config.playbook().keptSignals()),
                    POOLS)),
            definitions,
            journal,
            commands,
            machine::nextId,
            node.clock(),
            (positions, ended) -> {
              notifier.committed();
              feed.committed(positions, ended);
            },
            new LaneMetrics(node.metrics().registry()),
            vault);
    WaitQueue queue = new WaitQueue(database);
    Cascade cascade = new Cascade(new Executions(database), intents, queue);
    WaitKeeper waits =
        new WaitKeeper(
            queue,
            intents,
            definitions,
            catalog,
            cascade,
            vault::of,
            executionSettings(config),
            new WaitSettings(
                config.waits().sweep(),
                config.waits().retry(),
                config.waits().concurrency(),
                config.waits().maxQueued(),
                config.playbook().maxChildDepth()),
            new WaitMetrics(node.metrics().registry()),
            node.loop("wait sweeper"));
    intents.tell(waits);
    var scheduled = config.schedules();
    Schedules schedules =
        new Schedules(
            database,
            catalog,
            definitions,
            intents,
            cascade,
            executionSettings(config),
            machine::nextId,
            new ScheduleSettings(
                scheduled.sweep(), scheduled.retry(), scheduled.maxBackfill(), scheduled.history()),
            new ScheduleMetrics(node.metrics().registry()));
    DoctorMetrics doctorMetrics = new DoctorMetrics(node.metrics().registry());
    Doctor doctor = new Doctor(database, intents, Verifier.Settings.DEFAULT, doctorMetrics);
    return new Decisions(
        catalog,
        definitions,
        intents,
        commands,
        new Claims(
            commands,
            FairShare.of(commands, command.turns(), new FairnessMetrics(node.metrics().registry())),
            CLAIM_BATCH,
            CLAIM_QUEUE),
        new LeaseSweeper(commands, intents, command.sweep(), node.loop("lease sweeper")),
        new ResultSweeper(
            new ResultStore(database),
            new ResultUploads(database),
            config.results().sweep(),
            node.loop("result sweeper", config.results().sweep().multipliedBy(3).plusSeconds(30))),
        vault,
        waits,
        cascade,
        new ChildAdmission(queue, config.playbook().maxChildDepth()),
        new Admission(
            new Backlog(database),
            intents::waiting,
            admissionLimits(config.admission()),
            new AdmissionMetrics(node.metrics().registry()),
            node.loop("admission", config.admission().sample().multipliedBy(3).plusSeconds(30)),
            System::nanoTime),
        schedules,
        schedules.keeper(node.loop("schedules")),
        new PartitionKeeper(
            database.dataSource(Pool.BACKGROUND),
            node.loop("partitions", PartitionKeeper.interval().multipliedBy(5))),
        archive,
        doctor,
        new StuckWatch(
            doctor,
            new StuckWatch.Settings(
                config.doctor().every(), config.doctor().grace(), config.doctor().repair()),
            doctorMetrics,
            node.loop("stuck watch", config.doctor().every().multipliedBy(3).plusSeconds(30))),
        new RetentionKeeper(
            new Purge(database, archive::forget),
            new RetentionKeeper.Settings(
                config.retention().every(),
                new Purge.Ages(
                    Duration.ofDays(config.retention().commandDays()),
                    Duration.ofMinutes(config.retention().runtimeMinutes()),
                    Duration.ofDays(config.retention().days()),
                    Duration.ofDays(config.retention().resultDays()))),
            node.loop("retention", config.retention().every().multipliedBy(3).plusMinutes(10))));
  }

  private static ArchiveSettings archive(ArchiveConfig config, ArchiveS3Config bucket) {
    return new ArchiveSettings(
        ArchiveStores.of(config, bucket),
        config.after(),
        config.recalledFor(),
        config.every(),
        config.batch());
  }

  /** What executions record at their start. */
  static ExecutionSettings executionSettings(NoetlConfig config) {
    var playbook = config.playbook();
    return new ExecutionSettings(
        switch (playbook.softErrors()) {
          case ROUTE -> ExecutionSettings.SoftErrors.ROUTE;
          case FAIL -> ExecutionSettings.SoftErrors.FAIL;
          case IGNORE -> ExecutionSettings.SoftErrors.IGNORE;
        },
        playbook.retypeStrings(),
        playbook.defaultMaxInFlight(),
        playbook.deepMerge());
  }

  private static AdmissionLimits admissionLimits(AdmissionConfig config) {
    return new AdmissionLimits(
        config.outboxHigh(),
        config.commandsHigh(),
        config.decisionsHigh(),
        config.lowPercent(),
        config.sample());
  }

  private static PlaybookLimits playbookLimits(NoetlConfig config) {
    var playbook = config.playbook();
    return new PlaybookLimits(
        Math.toIntExact(playbook.maxTextBytes()),
        playbook.maxSteps(),
        playbook.maxDepth(),
        Math.toIntExact(playbook.maxAliasExpansion()),
        playbook.maxDiagnostics());
  }

  private ApiServer api(
      Database database,
      MachineLease machine,
      EventFeed feed,
      Decisions decisions,
      Envelope secrets) {
    NoetlConfig config = node.config();
    Set<String> pools = new HashSet<>(config.worker().pools());
    pools.addAll(config.systemPool().pools());
    ApiParts routes =
        new ApiParts(
            decisions.catalog(),
            new PluginGrantStore(
                database, HostCapabilities.names(), HostCapabilities.usual(), node.clock()),
            signatures,
            decisions.definitions(),
            decisions.intents(),
            decisions.cascade(),
            decisions.children(),
            decisions.admission(),
            POOLS,
            decisions.schedules(),
            new DedupKeys(database.dataSource(Pool.BACKGROUND)),
            new CommandLeases(decisions.claims(), decisions.commands(), decisions.intents()),
            new CommandPages(database),
            new Executions(database),
            new EventPages(database, decisions.archive()),
            feed,
            new Outbox(database),
            new ResultStore(database),
            new ResultUploads(database),
            decisions.vault(),
            new Runtimes(database, new KnownPools(pools, Duration.ofSeconds(15)), machine::nextId),
            new CredentialStore(database, secrets, machine::nextId),
            new KeychainStore(database, secrets, machine::nextId),
            Upkeep.of(database, decisions.archive(), decisions.archive()::forget),
            decisions.doctor(),
            policyParts.policies(),
            policyParts.sources(database),
            policyParts.metrics(),
            node.readiness(),
            build(),
            executionSettings(config),
            node.metrics()::scrape,
            Subjects::shardOf,
            config.projector().shardCount(),
            machine::nextId,
            node.clock());
    Access access = access();
    HttpMetrics http = new HttpMetrics(node.metrics().registry());
    ApiConfig apiConfig =
        ApiConfig.of(
            config.server(),
            config.command(),
            config.limits(),
            config.shutdown().drain(),
            node.mode() == Mode.ALL);
    return new ApiServer(
        apiConfig,
        new ApiRoutes(apiConfig, access, http, routes),
        access,
        http,
        () -> UUID.randomUUID().toString());
  }

  private Access access() {
    AuthConfig auth = node.config().auth();
    String internal = node.internalToken().reveal();
    if (auth.mode() == AuthConfig.Mode.OFF) {
      return new OpenAccess(internal);
    }
    TokenFile file = tokens;
    Tokens none = new Tokens(Map.of());
    TokenAccess byToken =
        new TokenAccess(
            internal,
            file == null ? () -> none : file::tokens,
            node.ownWorkers().reveal(),
            node.clock(),
            policyParts.policies()::given);
    return auth.mode() == AuthConfig.Mode.TOKEN
        ? byToken
        : new GatewayAccess(
            byToken,
            Stream.of(auth.gatewaySecret(), auth.gatewayOldSecret())
                .filter(secret -> !secret.isEmpty())
                .map(Secret::reveal)
                .toList(),
            auth.gatewayWindow(),
            node.clock(),
            policyParts.policies()::given);
  }

  /** Read before anything starts: without it nobody could be let in. */
  private @Nullable TokenFile tokens() {
    AuthConfig auth = node.config().auth();
    if (auth.mode() == AuthConfig.Mode.OFF || auth.tokensFile().isEmpty()) {
      return null;
    }
    return new TokenFile(
        auth.tokensFile().get(),
        auth.tokensRefresh(),
        new TokenMetrics(node.metrics().registry()),
        problem -> node.readiness().note("tokens file", problem));
  }

  private static BuildInfo build() {
    Package self = ServerParts.class.getPackage();
    String version = self.getImplementationVersion();
    return new BuildInfo(
        version == null ? "development" : version, "unknown", String.valueOf(Migrations.newest()));
  }
}
