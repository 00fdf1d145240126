package io.noetl.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.noetl.admission.Admission;
import io.noetl.admission.AdmissionLimits;
import io.noetl.admission.AdmissionMetrics;
import io.noetl.archive.EventRecall;
import io.noetl.bus.Subjects;
import io.noetl.catalog.Catalog;
import io.noetl.catalog.CatalogDefinitions;
import io.noetl.catalog.ModuleInspector;
import io.noetl.catalog.PluginGrantStore;
import io.noetl.command.Claims;
import io.noetl.command.CommandLeases;
import io.noetl.command.CommandQueue;
import io.noetl.command.FairShare;
import io.noetl.command.FairnessMetrics;
import io.noetl.config.CredentialsConfig;
import io.noetl.config.Secret;
import io.noetl.credential.CredentialStore;
import io.noetl.credential.Envelope;
import io.noetl.credential.KeychainStore;
import io.noetl.credential.Keys;
import io.noetl.envelope.Snowflake;
import io.noetl.execution.Execution;
import io.noetl.execution.ExecutionLimits;
import io.noetl.execution.ExecutionSettings;
import io.noetl.execution.Language;
import io.noetl.execution.PoolChooser;
import io.noetl.journal.DedupKeys;
import io.noetl.journal.IntentHandler;
import io.noetl.journal.LaneLimits;
import io.noetl.journal.LaneMetrics;
import io.noetl.journal.PostgresJournal;
import io.noetl.journal.PostgresJournal.CommandTimes;
import io.noetl.playbook.PlaybookLimits;
import io.noetl.playbook.PlaybookParser;
import io.noetl.playbook.TemplateCheck;
import io.noetl.policy.compiled.Compilations;
import io.noetl.policy.compiled.Policies;
import io.noetl.policy.compiled.PolicyMetrics;
import io.noetl.policy.compiled.PolicySources;
import io.noetl.postgres.Database;
import io.noetl.postgres.Database.Pool;
import io.noetl.query.Backlog;
import io.noetl.query.CommandPages;
import io.noetl.query.EventPages;
import io.noetl.query.Executions;
import io.noetl.query.Outbox;
import io.noetl.registry.KnownPools;
import io.noetl.registry.Runtimes;
import io.noetl.result.ResultLimits;
import io.noetl.result.ResultStore;
import io.noetl.result.ResultUploads;
import io.noetl.result.StoredResults;
import io.noetl.schedule.ScheduleKind;
import io.noetl.schedule.ScheduleMetrics;
import io.noetl.schedule.ScheduleSettings;
import io.noetl.schedule.Schedules;
import io.noetl.signature.SignaturePolicy;
import io.noetl.support.Progress;
import io.noetl.testing.TestEngine;
import io.noetl.upkeep.Upkeep;
import io.noetl.verify.Doctor;
import io.noetl.verify.DoctorMetrics;
import io.noetl.verify.Verifier;
import io.noetl.wait.Cascade;
import io.noetl.wait.ChildAdmission;
import io.noetl.wait.WaitQueue;
import io.noetl.wasm.HostCapabilities;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** One server on a real database and a free port: everything but the bus and the workers. */
final class ServerParts implements AutoCloseable {
  static final String SECRET_KEY =
      Base64.getEncoder().encodeToString("a key of a test, 32 bytes long..".getBytes(UTF_8));
  static final String INTERNAL_TOKEN = "the-token-of-tests";
  static final Duration LEASE = Duration.ofSeconds(30);

  private static final SignaturePolicy UNSIGNED = new SignaturePolicy(List.of(), true, Set.of());

  final Database database;
  final CommandQueue commands;
  final IntentHandler intents;
  final EventFeed feed;
  final Schedules schedules;
  final ApiServer server;
  final ApiRoutes routes;
  final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  final TestHealth health = new TestHealth();
  final Policies policies;
  final Compilations compilations;
  final Snowflake ids;
  private final Claims claims;
  private final Admission admission;

  static ApiConfig config(ApiLimits limits) {
    return new ApiConfig("127.0.0.1", 0, List.of("*"), LEASE, Duration.ofSeconds(1), limits);
  }

  ServerParts(Database database, int machine) {
    this(database, machine, config(ApiLimits.DEFAULT), new OpenAccess(ServerParts.INTERNAL_TOKEN));
  }

  ServerParts(Database database, int machine, ApiConfig config, Access access) {
    this(database, machine, config, access, AdmissionLimits.DEFAULT);
  }

  ServerParts(
      Database database,
      int machine,
      ApiConfig config,
      Access access,
      AdmissionLimits admissionLimits) {
    this(database, machine, config, access, admissionLimits, new MagicNumber(), UNSIGNED);
  }

  ServerParts(
      Database database, int machine, ApiConfig config, Access access, ModuleInspector modules) {
    this(database, machine, config, access, modules, UNSIGNED);
  }

  ServerParts(
      Database database,
      int machine,
      ApiConfig config,
      Access access,
      ModuleInspector modules,
      SignaturePolicy signatures) {
    this(database, machine, config, access, AdmissionLimits.DEFAULT, modules, signatures);
  }

  ServerParts(
      Database database,
      int machine,
      ApiConfig config,
      Access access,
      AdmissionLimits admissionLimits,
      ModuleInspector modules,
      SignaturePolicy signatures) {
    this(database, machine, config, access, admissionLimits, modules, signatures, Policies.none());
  }

  /** One that decides by these policies; whoever has them compiled keeps them. */
  ServerParts(Database database, int machine, Access access, Policies policies) {
    this(
        database,
        machine,
        config(ApiLimits.DEFAULT),
        access,
        AdmissionLimits.DEFAULT,
        new MagicNumber(),
        UNSIGNED,
        policies);
  }

  private ServerParts(
      Database database,
      int machine,
      ApiConfig config,
      Access access,
      AdmissionLimits admissionLimits,
      ModuleInspector modules,
      SignaturePolicy signatures,
      Policies policies) {
    this.database = database;
    this.policies = policies;
    InstantSource clock = InstantSource.system();
    ids = new Snowflake(machine, System::currentTimeMillis);
    PlaybookParser parser = new PlaybookParser(PlaybookLimits.DEFAULT, new Checked());
    Catalog catalog =
        new Catalog(database, parser, modules, ids::next, clock, List.of(new ScheduleKind()));
    CatalogDefinitions definitions = new CatalogDefinitions(database, parser, 100);
    PostgresJournal journal =
        new PostgresJournal(
            database.dataSource(Pool.APPEND),
            database.dataSource(Pool.READ),
            new CommandTimes(LEASE, Duration.ofSeconds(10), 3));
    commands = new CommandQueue(database.dataSource(Pool.APPEND));
    claims =
        new Claims(
            commands,
            FairShare.of(commands, Duration.ofMillis(20), new FairnessMetrics(meters)),
            256,
            10_000);
    StoredResults vault = new StoredResults(database, ResultLimits.DEFAULT);
    Executions executions = new Executions(database);
    feed = new EventFeed(executions, Duration.ofMillis(200));
    intents =
        new IntentHandler(
            LaneLimits.DEFAULT,
            new Execution(
                new Language(
                    TestEngine.TEMPLATES, ExecutionLimits.DEFAULT, new PoolChooser(Map.of()))),
            definitions,
            journal,
            commands,
            ids::next,
            clock,
            feed::committed,
            new LaneMetrics(meters),
            vault);
    admission =
        new Admission(
            new Backlog(database),
            intents::waiting,
            admissionLimits,
            new AdmissionMetrics(meters),
            new Progress(System::nanoTime).loop("admission", LEASE),
            System::nanoTime);
    Envelope secrets =
        new Envelope(
            Keys.of(CredentialsConfig.defaults(), new Secret(SECRET_KEY)), new SecureRandom());
    schedules =
        new Schedules(
            database,
            catalog,
            definitions,
            intents,
            new Cascade(executions, intents, new WaitQueue(database)),
            ExecutionSettings.DEFAULT,
            ids::next,
            new ScheduleSettings(Duration.ofMillis(50), Duration.ofMillis(500), 50, 100),
            new ScheduleMetrics(meters));
    compilations =
        new Compilations(
            catalog,
            definitions,
            intents,
            new Cascade(executions, intents, new WaitQueue(database)),
            executions,
            vault,
            ExecutionSettings.DEFAULT);
    ApiParts parts =
        new ApiParts(
            catalog,
            new PluginGrantStore(
                database, HostCapabilities.names(), HostCapabilities.usual(), clock),
            signatures,
            definitions,
            intents,
            new Cascade(executions, intents, new WaitQueue(database)),
            new ChildAdmission(new WaitQueue(database), 16),
            admission,
            new PoolChooser(Map.of()),
            schedules,
            new DedupKeys(database.dataSource(Pool.APPEND)),
            new CommandLeases(claims, commands, intents),
            new CommandPages(database),
            executions,
            new EventPages(database),
            feed,
            new Outbox(database),
            new ResultStore(database),
            new ResultUploads(database),
            vault,
            new Runtimes(
                database, new KnownPools(Set.of("gpu"), Duration.ofSeconds(15)), ids::next),
            new CredentialStore(database, secrets, ids::next),
            new KeychainStore(database, secrets, ids::next),
            Upkeep.of(database, EventRecall.NONE, _ -> {}),
            new Doctor(database, intents, Verifier.Settings.DEFAULT, new DoctorMetrics(meters)),
            policies,
            new PolicySources(database, policies.settings()),
            new PolicyMetrics(meters),
            health,
            new BuildInfo("1.2.3", "abcdef", "1"),
            ExecutionSettings.DEFAULT,
            () -> "# TYPE test counter\n",
            Subjects::shardOf,
            16,
            ids::next,
            clock);
    HttpMetrics metrics = new HttpMetrics(meters);
    routes = new ApiRoutes(config, access, metrics, parts);
    server = new ApiServer(config, routes, access, metrics, () -> Long.toString(ids.next()));
    claims.start();
    intents.start();
    feed.start();
    admission.start();
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.port();
  }

  /** A client of this server. */
  Client client() {
    return new Client(url());
  }

  @Override
  public void close() {
    admission.close();
    feed.close();
    server.close();
    intents.close();
    claims.close();
  }

  /** Health as a test sets it. */
  static final class TestHealth implements HealthSource {
    final AtomicReference<List<Check>> checks = new AtomicReference<>(List.of());
    volatile boolean database = true;

    @Override
    public String mode() {
      return "server";
    }

    @Override
    public boolean databaseAnswers() {
      return database;
    }

    @Override
    public String bus() {
      return "embedded";
    }

    @Override
    public List<Check> checks() {
      return checks.get();
    }
  }

  private static final class Checked implements TemplateCheck {
    @Override
    public @Nullable String syntaxError(String template) {
      return TestEngine.TEMPLATES.syntaxError(template);
    }

    @Override
    public @Nullable String guardSyntaxError(String guard) {
      return TestEngine.TEMPLATES.guardSyntaxError(guard);
    }
  }

  /** Admits what begins like a module; admission itself is tested where it lives. */
  private static final class MagicNumber implements ModuleInspector {
    @Override
    public Inspection inspect(byte[] module, Map<String, @Nullable Object> manifest) {
      boolean magic = module.length > 4 && module[1] == 'a' && module[2] == 's';
      return new Inspection(
          "digest-" + java.util.Arrays.hashCode(module),
          "noetl.v1",
          module.length > 12
              ? List.of(
                  "noetl.v1.host_log", "noetl.v1.host_query_pg", "noetl.v1.host_mutate_catalog")
              : List.of("noetl.v1.host_log"),
          manifest.isEmpty() ? List.of("host_log") : List.of(),
          magic ? List.of() : List.of(new Fault("module", "expected the magic number")));
    }
  }
}
