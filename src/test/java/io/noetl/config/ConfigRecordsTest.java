package io.noetl.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** For each record: its defaults, each key set to something else, and values that are refused. */
class ConfigRecordsTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final String GATEWAY = "0123456789abcdef0123456789abcdef";
  private static final String KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

  static Stream<Arguments> defaults() {
    return Stream.of(
        arguments(
            ServerConfig.defaults(),
            new ServerConfig("127.0.0.1", 8082, Optional.empty(), List.of())),
        arguments(
            AuthConfig.defaults(),
            new AuthConfig(
                AuthConfig.Mode.OFF,
                false,
                Secret.NONE,
                Optional.empty(),
                Duration.ofSeconds(5),
                Secret.NONE,
                Secret.NONE,
                Duration.ofSeconds(30))),
        arguments(
            PolicyConfig.defaults(),
            new PolicyConfig(
                SECOND,
                Duration.ofHours(1),
                Duration.ofSeconds(30),
                Duration.ofSeconds(30),
                Duration.ofDays(1),
                PolicyConfig.WhenStale.DENY,
                262_144,
                1_048_576,
                2_000)),
        arguments(DataConfig.defaults(), new DataConfig(Path.of(".noetl"))),
        arguments(CredentialsConfig.defaults(), new CredentialsConfig(Secret.NONE, List.of(), 100)),
        arguments(
            KeychainConfig.defaults(),
            new KeychainConfig(
                KeychainConfig.Unresolved.WARN,
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Secret.NONE,
                List.of(),
                List.of(),
                Duration.ofSeconds(30),
                1_000,
                Duration.ofMinutes(2))),
        arguments(
            DatabaseConfig.defaults(),
            new DatabaseConfig(
                "",
                5432,
                "noetl",
                "noetl",
                Secret.NONE,
                DatabaseConfig.SslMode.PREFER,
                8,
                8,
                4,
                Duration.ofSeconds(5),
                Duration.ofSeconds(60),
                Duration.ofSeconds(30),
                Duration.ofSeconds(60))),
        arguments(
            BusConfig.defaults(),
            new BusConfig(
                BusConfig.Mode.AUTO,
                "",
                "",
                Secret.NONE,
                Secret.NONE,
                Optional.empty(),
                Optional.empty(),
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                1,
                Optional.empty(),
                Optional.empty())),
        arguments(LanesConfig.defaults(), new LanesConfig(2, 256, 10_000, 8, 5_000)),
        arguments(
            CommandConfig.defaults(),
            new CommandConfig(
                Duration.ofSeconds(30), 3, SECOND, Duration.ofSeconds(10), Duration.ofMillis(200))),
        arguments(
            ResultsConfig.defaults(),
            new ResultsConfig(
                65_536, 16 << 20, 256, 1 << 20, 1 << 30, 10_000_000, Duration.ofMinutes(1))),
        arguments(
            AdmissionConfig.defaults(), new AdmissionConfig(200_000, 200_000, 10_000, 80, SECOND)),
        arguments(
            TemplateConfig.defaults(),
            new TemplateConfig(
                64 << 20,
                256 << 20,
                100_000,
                200,
                Duration.ofSeconds(10),
                5,
                4_000,
                4_096,
                16 << 20)),
        arguments(SequenceConfig.defaults(), new SequenceConfig(1_000_000)),
        arguments(
            PlaybookConfig.defaults(),
            new PlaybookConfig(
                4 << 20,
                10_000,
                200,
                4 << 20,
                1_000,
                10_000,
                16,
                16 << 20,
                1_000_000,
                1_000_000,
                1_000,
                32,
                100,
                PlaybookConfig.SoftErrors.ROUTE,
                true,
                false)),
        arguments(
            ArchiveConfig.defaults(),
            new ArchiveConfig(
                Optional.empty(),
                Duration.ofDays(30),
                Duration.ofHours(1),
                Duration.ofMinutes(5),
                1_000)),
        arguments(
            WaitConfig.defaults(),
            new WaitConfig(Duration.ofMillis(500), Duration.ofSeconds(5), 32, 10_000)),
        arguments(
            ArchiveS3Config.defaults(),
            new ArchiveS3Config(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                "us-east-1",
                true,
                Secret.NONE,
                Secret.NONE,
                Secret.NONE,
                Duration.ofSeconds(5),
                Duration.ofSeconds(30),
                4,
                64L << 20)),
        arguments(
            ScheduleConfig.defaults(),
            new ScheduleConfig(Duration.ofSeconds(1), Duration.ofSeconds(30), 1_000, 200)),
        arguments(
            PublisherConfig.defaults(),
            new PublisherConfig(
                Duration.ofMillis(100),
                500,
                4_096,
                Duration.ofSeconds(30),
                5_000,
                50,
                PublisherConfig.Listener.PGJDBC_NG)),
        arguments(
            ProjectorConfig.defaults(),
            new ProjectorConfig(1, List.of(), "", 1_000, Duration.ofMillis(50))),
        arguments(
            PoolConfig.workerDefaults(),
            new PoolConfig(
                "worker",
                List.of("shared"),
                16,
                Optional.empty(),
                Optional.empty(),
                Secret.NONE,
                Duration.ofSeconds(30),
                Duration.ofSeconds(20))),
        arguments(
            PoolConfig.systemPoolDefaults(),
            new PoolConfig(
                "system-pool",
                List.of("system"),
                8,
                Optional.empty(),
                Optional.empty(),
                Secret.NONE,
                Duration.ofSeconds(30),
                Duration.ofSeconds(20))),
        arguments(
            PythonConfig.defaults(),
            new PythonConfig(
                "python3",
                16,
                true,
                List.of(),
                Duration.ofSeconds(20),
                1 << 20,
                64 << 20,
                List.of())),
        arguments(
            HttpConfig.defaults(),
            new HttpConfig(Duration.ofSeconds(30), 64 << 20, 10, false, List.of())),
        arguments(ShellConfig.defaults(), new ShellConfig("sh", 1 << 20)),
        arguments(
            NatsToolConfig.defaults(),
            new NatsToolConfig(
                Duration.ofSeconds(30),
                Duration.ofSeconds(5),
                32,
                Duration.ofMinutes(1),
                1_000,
                100_000,
                64 << 20)),
        arguments(McpConfig.defaults(), new McpConfig(McpConfig.ResultErrors.IGNORE)),
        arguments(
            KubernetesConfig.defaults(),
            new KubernetesConfig(
                KubernetesConfig.Access.NONE,
                Optional.empty(),
                Optional.empty(),
                "default",
                List.of(),
                "python:3.13-slim",
                Duration.ofSeconds(5),
                Duration.ofMinutes(1),
                Duration.ofSeconds(15),
                Duration.ofMinutes(5),
                Duration.ofMinutes(2),
                Duration.ofMinutes(5),
                1 << 20)),
        arguments(
            PostgresConfig.defaults(),
            new PostgresConfig(
                32,
                8,
                Duration.ofSeconds(10),
                Duration.ofMinutes(1),
                Duration.ofMinutes(30),
                500,
                64 << 20)),
        arguments(DuckdbConfig.defaults(), new DuckdbConfig(4, 1 << 30, 0, true, "", 64 << 20)),
        arguments(TransferConfig.defaults(), new TransferConfig(4, 1_000, 100_000)),
        arguments(
            SnowflakeConfig.defaults(),
            new SnowflakeConfig(-1, Duration.ofSeconds(60), Duration.ofSeconds(20))),
        arguments(MetricsConfig.defaults(), new MetricsConfig("127.0.0.1", 9090)),
        arguments(ShutdownConfig.defaults(), new ShutdownConfig(Duration.ofSeconds(25))),
        arguments(
            LimitsConfig.defaults(),
            new LimitsConfig(
                2 << 20,
                8 << 20,
                16 << 20,
                4 << 20,
                102_400,
                64 << 20,
                1_000,
                64 << 20,
                4 << 20,
                100,
                1_000,
                500,
                1_000,
                16 << 10,
                500,
                1_000,
                Duration.ofSeconds(30),
                Duration.ofSeconds(15),
                100_000,
                Duration.ofSeconds(60))));
  }

  @ParameterizedTest
  @MethodSource
  void defaults(Record defaults, Record expected) {
    assertThat(defaults).isEqualTo(expected);
  }

  @Test
  void embeddedPostgresTakesAnyPortAndACacheOfItsOwn() {
    EmbeddedPostgresConfig defaults = EmbeddedPostgresConfig.defaults();

    assertThat(defaults.port()).isZero();
    assertThat(defaults.cacheFolder()).endsWith(Path.of("noetl")).isAbsolute();
    assertThat(defaults.sharedBuffers()).isEqualTo(128 << 20);
  }

  static Stream<Arguments> mappings() {
    return Stream.of(
        arguments(
            read(
                "server",
                ServerConfig::from,
                "host=::1 port=0 public-url=https://noetl.example.org cors-origins=a,b"),
            new ServerConfig(
                "::1", 0, Optional.of("https://noetl.example.org"), List.of("a", "b"))),
        arguments(
            read(
                "auth",
                AuthConfig::from,
                "mode=token allow-anonymous=true internal-token=0123456789abcdef"
                    + " tokens-file=/t.json tokens-refresh=1s gateway-secret="
                    + GATEWAY
                    + " gateway-old-secret="
                    + GATEWAY
                    + "x gateway-window=2s"),
            new AuthConfig(
                AuthConfig.Mode.TOKEN,
                true,
                new Secret("0123456789abcdef"),
                Optional.of(Path.of("/t.json")),
                SECOND,
                new Secret(GATEWAY),
                new Secret(GATEWAY + "x"),
                Duration.ofSeconds(2))),
        arguments(
            read(
                "policy",
                PolicyConfig::from,
                "poll=2s refresh=1m deadline=3s retry=4s max-age=2m when-stale=built-in"
                    + " max-source-bytes=1KiB max-bytes=2KiB max-rules=5"),
            new PolicyConfig(
                Duration.ofSeconds(2),
                Duration.ofMinutes(1),
                Duration.ofSeconds(3),
                Duration.ofSeconds(4),
                Duration.ofMinutes(2),
                PolicyConfig.WhenStale.BUILT_IN,
                1_024,
                2_048,
                5)),
        arguments(read("data", DataConfig::from, "folder=/x"), new DataConfig(Path.of("/x"))),
        arguments(
            read(
                "credentials",
                CredentialsConfig::from,
                "key=" + KEY + " other-keys=" + KEY + "," + KEY + " rewrap-batch=7"),
            new CredentialsConfig(new Secret(KEY), List.of(new Secret(KEY), new Secret(KEY)), 7)),
        arguments(
            read(
                "keychain",
                KeychainConfig::from,
                "unresolved=fail env-names=A,B_* secrets-folder=/s vault-url=https://v:8200"
                    + " vault-token=t vault-paths=kv/a,kv/b/* cluster-secrets=ns/x cache=1s"
                    + " cache-entries=5 patience=2s"),
            new KeychainConfig(
                KeychainConfig.Unresolved.FAIL,
                List.of("A", "B_*"),
                Optional.of(Path.of("/s")),
                Optional.of("https://v:8200"),
                new Secret("t"),
                List.of("kv/a", "kv/b/*"),
                List.of("ns/x"),
                SECOND,
                5,
                Duration.ofSeconds(2))),
        arguments(
            read(
                "database",
                DatabaseConfig::from,
                "host=h port=1 name=n user=u password=p ssl-mode=verify-full append-connections=2"
                    + " read-connections=3 background-connections=4 connection-timeout=1s"
                    + " socket-timeout=2s statement-timeout=3s start-timeout=4s"),
            new DatabaseConfig(
                "h",
                1,
                "n",
                "u",
                new Secret("p"),
                DatabaseConfig.SslMode.VERIFY_FULL,
                2,
                3,
                4,
                SECOND,
                Duration.ofSeconds(2),
                Duration.ofSeconds(3),
                Duration.ofSeconds(4))),
        arguments(
            read(
                "embedded-postgres",
                EmbeddedPostgresConfig::from,
                "port=1 cache-folder=/c shared-buffers=64MiB max-wal-size=2GiB max-connections=20"
                    + " start-timeout=1s stop-timeout=2s"),
            new EmbeddedPostgresConfig(
                1, Path.of("/c"), 64L << 20, 2L << 30, 20, SECOND, Duration.ofSeconds(2))),
        arguments(
            read(
                "bus",
                BusConfig::from,
                "mode=nats url=nats://a:1,nats://b:2 user=u password=p nats-server=/bin/nats-server"
                    + " connect-timeout=1s request-timeout=500ms replicas=3 consumer=c"
                    + " filter-subject=noetl.commands.x.>"),
            new BusConfig(
                BusConfig.Mode.NATS,
                "nats://a:1,nats://b:2",
                "u",
                new Secret("p"),
                Secret.NONE,
                Optional.empty(),
                Optional.of(Path.of("/bin/nats-server")),
                SECOND,
                Duration.ofMillis(500),
                3,
                Optional.of("c"),
                Optional.of("noetl.commands.x.>"))),
        arguments(
            read(
                "lanes",
                LanesConfig::from,
                "count=1 max-batch=2 max-queue=3 max-decisions=4 cached-states=5"),
            new LanesConfig(1, 2, 3, 4, 5)),
        arguments(
            read(
                "command",
                CommandConfig::from,
                "lease=1m max-attempts=1 sweep=50ms republish-after=1h turns=1s"),
            new CommandConfig(
                Duration.ofMinutes(1), 1, Duration.ofMillis(50), Duration.ofHours(1), SECOND)),
        arguments(
            read(
                "results",
                ResultsConfig::from,
                "inline-max-bytes=1KiB cache-bytes=2 max-references=3 part-bytes=64KiB"
                    + " stream-bytes=5 stream-rows=6 sweep=1s"),
            new ResultsConfig(1024, 2, 3, 64 << 10, 5, 6, SECOND)),
        arguments(
            read(
                "admission",
                AdmissionConfig::from,
                "outbox-high=1 commands-high=2 decisions-high=3 low-percent=4 sample=50ms"),
            new AdmissionConfig(1, 2, 3, 4, Duration.ofMillis(50))),
        arguments(
            read(
                "template",
                TemplateConfig::from,
                "max-output=1 max-allocated=2 max-range=3 max-depth=4 max-time=5ms lazy-depth=6"
                    + " max-digits=7 cache-entries=8 cache-characters=9"),
            new TemplateConfig(1, 2, 3, 4, Duration.ofMillis(5), 6, 7, 8, 9)),
        arguments(read("sequence", SequenceConfig::from, "max-task-runs=1"), new SequenceConfig(1)),
        arguments(
            read(
                "playbook",
                PlaybookConfig::from,
                "max-text-bytes=1KiB max-steps=2 max-depth=3 max-alias-expansion=4"
                    + " max-diagnostics=5 step-runs=6 max-child-depth=7 child-payload=12"
                    + " loop-items=8 cursor-frames=9 max-in-flight=10 default-max-in-flight=11"
                    + " kept-signals=13"
                    + " soft-errors=ignore retype-strings=false deep-merge=true"),
            new PlaybookConfig(
                1024,
                2,
                3,
                4,
                5,
                6,
                7,
                12,
                8,
                9,
                10,
                11,
                13,
                PlaybookConfig.SoftErrors.IGNORE,
                false,
                true)),
        arguments(
            read(
                "archive",
                ArchiveConfig::from,
                "folder=a after=1d recalled-for=2s every=3s batch=4"),
            new ArchiveConfig(
                Optional.of(Path.of("a")),
                Duration.ofDays(1),
                SECOND.multipliedBy(2),
                SECOND.multipliedBy(3),
                4)),
        arguments(
            read(
                "archive.s3",
                ArchiveS3Config::from,
                "bucket=b endpoint=https://s3.example.com prefix=p region=r path-style=false"
                    + " access-key=a secret-key=s session-token=t connect-timeout=1s"
                    + " read-timeout=2s attempts=3 max-object=2MiB"),
            new ArchiveS3Config(
                Optional.of("b"),
                Optional.of("https://s3.example.com"),
                Optional.of("p"),
                "r",
                false,
                new Secret("a"),
                new Secret("s"),
                new Secret("t"),
                SECOND,
                SECOND.multipliedBy(2),
                3,
                2 << 20)),
        arguments(
            read("schedules", ScheduleConfig::from, "sweep=50ms retry=1s max-backfill=2 history=3"),
            new ScheduleConfig(Duration.ofMillis(50), SECOND, 2, 3)),
        arguments(
            read("waits", WaitConfig::from, "sweep=50ms retry=1s concurrency=2 max-queued=3"),
            new WaitConfig(Duration.ofMillis(50), SECOND, 2, 3)),
        arguments(
            read("doctor", DoctorConfig::from, "every=5s grace=1s repair=false"),
            new DoctorConfig(Duration.ofSeconds(5), SECOND, false)),
        arguments(
            read(
                "retention",
                RetentionConfig::from,
                "every=1m days=2 result-days=5 command-days=3 runtime-minutes=4"),
            new RetentionConfig(Duration.ofMinutes(1), 2, 5, 3, 4)),
        arguments(
            read(
                "publisher",
                PublisherConfig::from,
                "tick=1s fetch-size=1 window=2 republish-after=1m republish-batch=3"
                    + " repeated-hints=4 listener=pgjdbc"),
            new PublisherConfig(
                SECOND, 1, 2, Duration.ofMinutes(1), 3, 4, PublisherConfig.Listener.PGJDBC)),
        arguments(
            read(
                "projector",
                ProjectorConfig::from,
                "shard-count=4 shards=1,3 shard-id=p-2 batch=1 linger=0ms"),
            new ProjectorConfig(4, List.of(1, 3), "p-2", 1, Duration.ZERO)),
        arguments(
            read(
                "worker",
                PoolConfig::worker,
                "pools=a,b slots=1 server-url=http://s:1 worker-id=w token=t lease=1s drain=0ms"),
            new PoolConfig(
                "worker",
                List.of("a", "b"),
                1,
                Optional.of("http://s:1"),
                Optional.of("w"),
                new Secret("t"),
                SECOND,
                Duration.ZERO)),
        arguments(
            read(
                "python",
                PythonConfig::from,
                "interpreter=/usr/bin/python3.13 max-concurrent=1 warm=false preload=json,re"
                    + " start-timeout=1s stream-limit=1KiB result-limit=2KiB secret-names=MY_*"),
            new PythonConfig(
                "/usr/bin/python3.13",
                1,
                false,
                List.of("json", "re"),
                SECOND,
                1024,
                2048,
                List.of("MY_*"))),
        arguments(
            read(
                "http",
                HttpConfig::from,
                "timeout=1s body-limit=1KiB max-redirects=0 deny-internal=true allowed-hosts=h"),
            new HttpConfig(SECOND, 1024, 0, true, List.of("h"))),
        arguments(
            read(
                "postgres",
                PostgresConfig::from,
                "max-pools=1 pool-connections=2 connection-timeout=1s idle-timeout=1s"
                    + " max-lifetime=10s fetch-size=3 result-limit=1KiB"),
            new PostgresConfig(1, 2, SECOND, SECOND, Duration.ofSeconds(10), 3, 1024)),
        arguments(
            read(
                "duckdb",
                DuckdbConfig::from,
                "max-concurrent=1 memory-limit=64MiB threads=2 download-extensions=false"
                    + " extension-folder=/ext result-limit=1KiB"),
            new DuckdbConfig(1, 64 << 20, 2, false, "/ext", 1024)),
        arguments(
            read(
                "transfer", TransferConfig::from, "max-concurrent=1 chunk-size=2 max-chunk-size=3"),
            new TransferConfig(1, 2, 3)),
        arguments(
            read("shell", ShellConfig::from, "program=bash stream-limit=1KiB"),
            new ShellConfig("bash", 1024)),
        arguments(
            read(
                "nats",
                NatsToolConfig::from,
                "timeout=1s connect-timeout=2s max-connections=3 idle-timeout=4s max-batch=5"
                    + " max-keys=6 object-limit=7"),
            new NatsToolConfig(SECOND, Duration.ofSeconds(2), 3, Duration.ofSeconds(4), 5, 6, 7)),
        arguments(
            read("mcp", McpConfig::from, "result-errors=fail"),
            new McpConfig(McpConfig.ResultErrors.FAIL)),
        arguments(
            read(
                "kubernetes",
                KubernetesConfig::from,
                "access=kubeconfig kubeconfig=/k context=c namespace=n namespaces=a,b"
                    + " script-image=i poll-interval=1s longest-pause=6s sweep-interval=7s"
                    + " start-limit=2s outage-limit=3s keep-ended=4s output-limit=5"),
            new KubernetesConfig(
                KubernetesConfig.Access.KUBECONFIG,
                Optional.of(Path.of("/k")),
                Optional.of("c"),
                "n",
                List.of("a", "b"),
                "i",
                SECOND,
                Duration.ofSeconds(6),
                Duration.ofSeconds(7),
                Duration.ofSeconds(2),
                Duration.ofSeconds(3),
                Duration.ofSeconds(4),
                5)),
        arguments(
            read("snowflake", SnowflakeConfig::from, "machine=7 lease=3s renew=1s"),
            new SnowflakeConfig(7, Duration.ofSeconds(3), SECOND)),
        arguments(
            read("metrics", MetricsConfig::from, "host=0.0.0.0 port=0"),
            new MetricsConfig("0.0.0.0", 0)),
        arguments(read("shutdown", ShutdownConfig::from, "drain=1s"), new ShutdownConfig(SECOND)),
        arguments(
            read(
                "limits",
                LimitsConfig::from,
                "request-body=1 register-body=2 execute-body=3 event-body=4 inline-result=5"
                    + " batch-body=6 batch-items=7 result-body=8 plugin-module=9 page-size=10"
                    + " max-page-size=11 embedded-events=12 stream-behind=13 meta=14"
                    + " event-page-size=15 streams=16 stream-stall=1s stream-heartbeat=1s"
                    + " replay-events=17 wait=1s"),
            new LimitsConfig(
                1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, SECOND, SECOND, 17,
                SECOND)));
  }

  @ParameterizedTest
  @MethodSource
  void mappings(Record read, Record expected) {
    assertThat(read).isEqualTo(expected);
  }

  static Stream<Arguments> refusals() {
    return Stream.of(
        arguments("server", "port", "65536", "Expected a number from 0 to 65535, but got 65536"),
        arguments("server", "port", "http", "Expected a number, but got 'http'"),
        arguments(
            "credentials",
            "key",
            "c2hvcnQ=",
            "Expected 32 bytes in base64, such as `openssl rand -base64 32` prints, but it has 5"),
        arguments(
            "credentials",
            "other-keys",
            "%%",
            "Expected 32 bytes in base64, such as `openssl rand -base64 32` prints, but it is"
                + " no base64"),
        arguments("keychain", "cache-entries", "0", "Expected a number from 1 to 1000000"),
        arguments("server", "host", "", "Expected a text, but it is empty"),
        arguments("server", "public-url", "example", "Expected an address such as https://"),
        arguments("auth", "internal-token", "short", "Expected at least 16 characters"),
        arguments("auth", "allow-anonymous", "yes", "Expected true or false, but got 'yes'"),
        arguments("database", "port", "0", "Expected a number from 1 to 65535, but got 0"),
        arguments("database", "ssl-mode", "maybe", "Expected one of disable, prefer, require"),
        arguments("database", "start-timeout", "60", "Expected a time such as 500ms"),
        arguments("embedded-postgres", "shared-buffers", "1", "Expected a size from 1MiB to 64GiB"),
        arguments("embedded-postgres", "port", "-1", "Expected a number from 0 to 65535"),
        arguments("bus", "url", "http//x", "Expected addresses such as nats://host:4222"),
        arguments("bus", "user", "u", "Expected bus.user and bus.password together"),
        arguments("bus", "filter-subject", "other.>", "Expected a subject below noetl.commands."),
        arguments("bus", "replicas", "6", "Expected a number from 1 to 5, but got 6"),
        arguments("lanes", "count", "0", "Expected a number from 1 to 256, but got 0"),
        arguments("admission", "low-percent", "0", "Expected a number from 1 to 100, but got 0"),
        arguments("command", "lease", "10ms", "Expected a time from 1s to 15m, but got 10ms"),
        arguments(
            "playbook",
            "default-max-in-flight",
            "1001",
            "Expected a number from 1 to 1000, but got 1001"),
        arguments("archive", "batch", "0", "Expected a number from 1 to 100000, but got 0"),
        arguments(
            "archive.s3",
            "endpoint",
            "s3.example.com",
            "Expected an address such as https://s3.example.com, but got s3.example.com"),
        arguments("archive.s3", "attempts", "21", "Expected a number from 1 to 20, but got 21"),
        arguments("doctor", "every", "1ms", "Expected a time from 100ms to 1d, but got 1ms"),
        arguments("policy", "max-rules", "0", "Expected a number from 1 to 100000, but got 0"),
        arguments(
            "auth",
            "gateway-secret",
            "short",
            "Expected at least 32 characters, but it is shorter"),
        arguments("retention", "days", "-1", "Expected a number from 0 to 36500, but got -1"),
        arguments("waits", "sweep", "1ms", "Expected a time from 50ms to 1m, but got 1ms"),
        arguments("playbook", "max-depth", "401", "Expected a number from 1 to 400, but got 401"),
        arguments("publisher", "tick", "1ms", "Expected a time from 10ms to 1m, but got 1ms"),
        arguments("projector", "shards", "1", "Expected shards from 0 to 0, but got [1]"),
        arguments("projector", "shards", "x", "Expected numbers separated by commas"),
        arguments("projector", "shard-id", "pod", "Expected a name that ends in a shard"),
        arguments("projector", "shard-id", "pod-1", "projector.shard-count is 1"),
        arguments("worker", "pools", "", "Expected names of A-Z a-z 0-9 _ -, but got []"),
        arguments("worker", "pools", "a.b", "Expected names of A-Z a-z 0-9 _ -, but got [a.b]"),
        arguments("worker", "server-url", "host:1", "Expected an address such as http://host:8082"),
        arguments("system-pool", "slots", "0", "Expected a number from 1 to 10000, but got 0"),
        arguments("python", "interpreter", " ", "Expected a text, but it is empty"),
        arguments("http", "body-limit", "0", "Expected a size from 1 to 1GiB, but got 0"),
        arguments("postgres", "max-pools", "0", "Expected a number from 1 to 10000, but got 0"),
        arguments("postgres", "idle-timeout", "1ms", "Expected a time from 1s to 1d, but got 1ms"),
        arguments("duckdb", "memory-limit", "1", "Expected a size from 16MiB"),
        arguments("transfer", "chunk-size", "0", "Expected a number from 1 to 1000000, but got 0"),
        arguments("shell", "program", " ", "Expected a text, but it is empty"),
        arguments("nats", "max-batch", "0", "Expected a number from 1 to 1000000, but got 0"),
        arguments("mcp", "result-errors", "warn", "one of ignore, fail"),
        arguments("kubernetes", "access", "kubeconfig", "kubernetes.kubeconfig to name a file"),
        arguments("snowflake", "machine", "1024", "Expected a number from -1 to 1023"),
        arguments("snowflake", "renew", "40s", "Expected at most half of snowflake.lease (1m)"),
        arguments("metrics", "port", "70000", "Expected a number from 0 to 65535"),
        arguments("shutdown", "drain", "2h", "Expected a time from 0ms to 1h, but got 2h"),
        arguments("limits", "request-body", "big", "Expected a size such as 1048576, 64KiB"),
        arguments("limits", "page-size", "0", "Expected a number from 1 to 1000, but got 0"));
  }

  @ParameterizedTest
  @MethodSource
  void refusals(String section, String name, String value, String message) {
    String key = section + "." + name;

    assertThatThrownBy(() -> ConfigLoader.load(Optional.empty(), Map.of(), Map.of(key, value)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("flag " + key)
        .hasMessageContaining(message);
  }

  @Test
  void aProjectorWithoutShardsTakesAllOfThem() {
    assertThat(read("projector", ProjectorConfig::from, "shard-count=3").ownShards())
        .containsExactly(0, 1, 2);
    assertThat(
            read("projector", ProjectorConfig::from, "shard-count=3 shard-id=noetl-projector-2")
                .ownShards())
        .containsExactly(2);
  }

  private static <T> T read(String section, Function<Values, T> from, String pairs) {
    Map<String, String> byName = new java.util.HashMap<>();
    for (String pair : pairs.split(" ")) {
      String[] parts = pair.split("=", 2);
      byName.put(parts[0], parts[1]);
    }
    return from.apply(Values.of(section, byName));
  }
}
