package io.noetl;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Who may import whom. A rule that fails here says in its "because" what to do instead; a rule that
 * stands in the way of a better design is changed here, together with docs/architecture.md.
 */
class ArchitectureTest {
  private static final String[] PURE = {
    "io.noetl.envelope..", "io.noetl.playbook..", "io.noetl.execution..", "io.noetl.policy"
  };
  private static final String[] SQL = {
    "io.noetl.postgres..",
    "io.noetl.journal..",
    "io.noetl.command..",
    "io.noetl.catalog..",
    "io.noetl.query..",
    "io.noetl.projector..",
    "io.noetl.publisher..",
    "io.noetl.registry..",
    "io.noetl.wait..",
    "io.noetl.schedule..",
    "io.noetl.result..",
    "io.noetl.archive..",
    "io.noetl.credential..",
    "io.noetl.upkeep..",
    "io.noetl.policy.compiled..",
    "io.noetl.verify..",
    // Looks at the database of its own site from outside, as an operator would.
    "io.noetl.chaos.."
  };

  private static JavaClasses ours;

  @BeforeAll
  static void readOurClasses() {
    ours =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("/postgres/generated/"))
            .importPackages("io.noetl");
  }

  @Test
  void packagesHaveNoCycles() {
    check(
        slices()
            .matching("io.noetl.(*)..")
            .should()
            .beFreeOfCycles()
            .because(
                "two packages that need each other are one package or hide a third: move what both"
                    + " need down, or let the lower one declare an interface that the upper one"
                    + " implements and io.noetl.mode connects"));
  }

  @Test
  void jacksonStaysInJson() {
    check(
        noClasses()
            .that(resideOutsideOfPackages("io.noetl.json.."))
            .should()
            .dependOnClassesThat(resideInAnyPackage("com.fasterxml.."))
            .because(
                "values are plain maps, lists, strings, numbers and booleans everywhere: use"
                    + " io.noetl.json.Json"));
  }

  @Test
  void jsonIsTheLowestLayer() {
    check(
        classes()
            .that(resideInAnyPackage("io.noetl.json.."))
            .should()
            .onlyDependOnClassesThat(
                resideInAnyPackage(
                    "io.noetl.json..", "java..", "com.fasterxml.jackson..", "org.jspecify.."))
            .because("everybody uses json, so it may know nobody"));
  }

  @Test
  void supportKnowsOnlyTheJdk() {
    check(
        classes()
            .that(resideInAnyPackage("io.noetl.support.."))
            .should()
            .onlyDependOnClassesThat(
                resideInAnyPackage("io.noetl.support..", "java..", "org.jspecify..", "org.slf4j.."))
            .because(
                "support holds a clock, an id source, backoff and Lifecycle; what needs more"
                    + " belongs to the package that needs it"));
  }

  @Test
  void envelopeKnowsOnlyJson() {
    check(
        classes()
            .that(resideInAnyPackage("io.noetl.envelope.."))
            .should()
            .onlyDependOnClassesThat(
                resideInAnyPackage(
                    "io.noetl.envelope..", "io.noetl.json..", "java..", "org.jspecify.."))
            .because("the words of the wire are below everything that speaks them"));
  }

  @Test
  void playbookKnowsOnlyEnvelopeAndItsLanguageLibraries() {
    check(
        classes()
            .that(resideInAnyPackage("io.noetl.playbook.."))
            .should()
            .onlyDependOnClassesThat(
                resideInAnyPackage(
                    "io.noetl.playbook..",
                    "io.noetl.envelope..",
                    "io.noetl.json..",
                    "java..",
                    "org.jspecify..",
                    "org.snakeyaml..",
                    "com.hubspot.jinjava..",
                    "jinjava..",
                    "com.google.common..",
                    "com.google.errorprone.."))
            .because(
                "the language must be usable without a server: hand in what it needs as values"));
  }

  @Test
  void executionKnowsOnlyPlaybookAndEnvelope() {
    check(
        classes()
            .that(resideInAnyPackage("io.noetl.execution.."))
            .should()
            .onlyDependOnClassesThat(
                resideInAnyPackage(
                    "io.noetl.execution..",
                    "io.noetl.playbook..",
                    "io.noetl.envelope..",
                    "io.noetl.json..",
                    "java..",
                    "org.jspecify..",
                    "org.pcollections.."))
            .because(
                "the same events must give the same state on every machine and in every later"
                    + " version: what the core needs arrives inside an intent"));
  }

  @Test
  void pureCodeHasNoClockNoRandomnessNoThreadsNoFiles() {
    check(
        noClasses()
            .that(resideInAnyPackage(PURE))
            // It keeps the time limit of a rendering: a limit may only stop work, never shape it.
            .and()
            .haveNameNotMatching("io\\.noetl\\.playbook\\.template\\.Evaluation(\\$Account)?")
            .should()
            .callMethodWhere(
                describe(
                    "reads a clock, makes an id or a thread", ArchitectureTest::dependsOnTheMoment))
            .orShould()
            .dependOnClassesThat(
                resideInAnyPackage("java.nio.file..", "java.net.http..", "java.sql..")
                    .or(DescribedPredicate.describe("Random", ArchitectureTest::isRandom)))
            .because(
                "a decision that looks around cannot be replayed: take time and ids at the edge"
                    + " (api, pool) and hand them in"));
  }

  @Test
  void sqlStaysWhereTheDatabaseIs() {
    check(
        noClasses()
            .that(resideOutsideOfPackages(SQL))
            // mode wires: it makes the data source and hands it on. bench counts what the others
            // do.
            .and(resideOutsideOfPackages("io.noetl.mode..", "io.noetl.bench.."))
            // These speak to the databases that playbooks name; the platform's own stays out of
            // their reach, see below.
            .and(
                resideOutsideOfPackages(
                    "io.noetl.tool.sql..",
                    "io.noetl.tool.postgres..",
                    "io.noetl.tool.duckdb..",
                    "io.noetl.tool.transfer.."))
            .should()
            .dependOnClassesThat(
                resideInAnyPackage(
                    "java.sql..", "javax.sql..", "org.jooq..", "io.noetl.postgres.generated.."))
            .because(
                "SQL is visible in few places: ask query (reads), journal or command (writes) for a"
                    + " method that returns records"));
  }

  @Test
  void natsStaysInBusAndInTheToolOfThatName() {
    check(
        noClasses()
            .that(resideOutsideOfPackages("io.noetl.bus..", "io.noetl.tool.nats.."))
            .should()
            .dependOnClassesThat(resideInAnyPackage("io.nats.."))
            .because("the embedded bus must do everything too: add what is missing to bus.Bus"));
  }

  @Test
  void objectStorageStaysInTheArchive() {
    check(
        noClasses()
            .that(resideOutsideOfPackages("io.noetl.archive..", "io.noetl.testing.."))
            .should()
            .dependOnClassesThat(resideInAnyPackage("com.github.davidmoten.."))
            .because("every store does the same: add what is missing to archive.ArchiveStore"));
  }

  @Test
  void theNatsToolNeverUsesThePlatformsConnection() {
    check(
        noClasses()
            .that(resideInAnyPackage("io.noetl.tool.."))
            .should()
            .dependOnClassesThat(resideInAnyPackage("io.noetl.bus.."))
            .because(
                "a step connects with what its author may use: hand in names as settings, never a"
                    + " Bus"));
  }

  @Test
  void theKubernetesClientStaysInItsTool() {
    check(
        noClasses()
            .that(resideOutsideOfPackages("io.noetl.tool.container.."))
            .should()
            .dependOnClassesThat(resideInAnyPackage("io.fabric8.."))
            .because(
                "it is large and loaded with the first job only: add to tool.container.Cluster what"
                    + " is missing"));
  }

  @Test
  void theWasmRuntimeStaysBehindEngine() {
    check(
        noClasses()
            .that(
                describe(
                    "are not wasm.EndiveEngine",
                    type -> !type.getName().startsWith("io.noetl.wasm.EndiveEngine")))
            .should()
            .dependOnClassesThat(resideInAnyPackage("run.endive.."))
            .because(
                "the runtime is replaceable only while one file knows it: add to wasm.Engine what"
                    + " is missing"));
  }

  @Test
  void theTemplateEngineStaysBehindTemplates() {
    check(
        noClasses()
            .that(resideOutsideOfPackages("io.noetl.playbook.template.."))
            .should()
            .dependOnClassesThat(resideInAnyPackage("com.hubspot..", "jinjava.."))
            .because(
                "its limits and its sandbox are set in one place: render through"
                    + " io.noetl.playbook.template.Templates"));
  }

  @Test
  void helidonStaysAtTheEdges() {
    check(
        noClasses()
            .that(
                resideOutsideOfPackages(
                    "io.noetl.api..",
                    "io.noetl.mode..",
                    "io.noetl.config..",
                    "io.noetl.metrics..",
                    "io.noetl.pool.."))
            .should()
            .dependOnClassesThat(resideInAnyPackage("io.helidon.."))
            .because(
                "HTTP ends in api and begins in the pool's client: hand on plain records and"
                    + " values"));
  }

  @Test
  void picocliStaysInCli() {
    check(
        noClasses()
            .that(resideOutsideOfPackages("io.noetl.cli..", "io.noetl"))
            .should()
            .dependOnClassesThat(resideInAnyPackage("picocli.."))
            .because("a component takes its configuration record, never a command line"));
  }

  @Test
  void theCronLibraryStaysInSchedule() {
    check(
        noClasses()
            .that(resideOutsideOfPackages("io.noetl.schedule.."))
            .should()
            .dependOnClassesThat(resideInAnyPackage("com.cronutils.."))
            .because("what happens where clocks change is for schedule.Timetable to say"));
  }

  @Test
  void environmentIsReadInConfigOnly() {
    check(
        noClasses()
            .that(resideOutsideOfPackages("io.noetl.config.."))
            .should()
            .callMethodWhere(
                describe(
                    "System.getenv",
                    call ->
                        call.getTargetOwner().isEquivalentTo(System.class)
                            && call.getName().equals("getenv")))
            .because(
                "every setting is a field of a config record, so that it is checked, documented and"
                    + " shown by --print-config"));
  }

  @Test
  void onlyTheEntryPointsKnowMode() {
    check(
        noClasses()
            .that(resideOutsideOfPackages("io.noetl", "io.noetl.cli..", "io.noetl.mode.."))
            .should()
            .dependOnClassesThat(resideInAnyPackage("io.noetl.mode..", "io.noetl.cli.."))
            .because(
                "mode wires everybody, so nobody may lean on it: take a constructor argument"));
  }

  @Test
  void apiSpeaksToQueryAndJournalOnly() {
    check(
        noClasses()
            .that(resideInAnyPackage("io.noetl.api.."))
            .should()
            .dependOnClassesThat(
                resideInAnyPackage(
                        "io.noetl.postgres..",
                        "io.noetl.bus..",
                        "io.noetl.pool..",
                        "io.noetl.projector..",
                        "io.noetl.publisher..")
                    // What a database that is away throws has to become a 503 somewhere.
                    .and(not(simpleName("DatabaseException")))
                    .and(not(simpleName("Kind"))))
            .because(
                "a route parses, asks and answers: put the statement into query, journal, command"
                    + " or catalog"));
  }

  @Test
  void theReadSideDecidesNothing() {
    check(
        noClasses()
            .that(resideInAnyPackage("io.noetl.projector..", "io.noetl.query.."))
            .should()
            .dependOnClassesThat(
                resideInAnyPackage("io.noetl.api..", "io.noetl.pool..")
                    .or(
                        describe(
                            "IntentHandler", type -> type.getSimpleName().equals("IntentHandler"))))
            .because(
                "read models follow the log; a decision there would be a second truth: emit an"
                    + " event from execution instead"));
  }

  @Test
  void pluginsReachTheWorldThroughCapabilitiesOnly() {
    check(
        noClasses()
            .that(resideInAnyPackage("io.noetl.wasm.."))
            .should()
            .dependOnClassesThat(
                resideInAnyPackage(
                    "io.noetl.journal..",
                    "io.noetl.command..",
                    "io.noetl.postgres..",
                    "io.noetl.api..",
                    "io.noetl.bus..",
                    "io.noetl.pool.."))
            .because(
                "what a plug-in may do is what it was granted: give the host a capability at"
                    + " construction"));
  }

  @Test
  void aWorkerLivesWithoutThePlatformsDatabase() {
    check(
        noClasses()
            .that(resideInAnyPackage("io.noetl.pool..", "io.noetl.tool.."))
            .should()
            .dependOnClassesThat(
                resideInAnyPackage(
                    "io.noetl.postgres..",
                    "io.noetl.journal..",
                    "io.noetl.command..",
                    "io.noetl.query..",
                    "io.noetl.catalog..",
                    "io.noetl.api.."))
            .because("workers run where the database cannot be reached: ask the server over HTTP"));
  }

  @Test
  void nothingIsRememberedInStaticsOrThreads() {
    check(
        fields()
            .that()
            .areStatic()
            .and()
            .doNotHaveModifier(JavaModifier.SYNTHETIC)
            .should()
            .beFinal()
            .because(
                "two roles live in one JVM in mode all: keep state in an object and hand it to the"
                    + " constructor"));
    check(
        noClasses()
            .should()
            .dependOnClassesThat()
            .areAssignableTo(ThreadLocal.class)
            .because("work moves between virtual threads: pass the value on as an argument"));
  }

  @Test
  void onlyTheCommandLineWritesToStandardOutput() {
    check(
        noClasses()
            .that(resideOutsideOfPackages("io.noetl", "io.noetl.cli.."))
            .should()
            .accessField(System.class, "out")
            .because("stdout holds results that scripts read: log, or return the text to cli"));
  }

  @Test
  void everyPackageIsNullMarked() {
    Set<String> unmarked = new TreeSet<>();
    for (JavaClass type : ours) {
      String name = type.getPackageName();
      if (!name.equals("io.noetl") && !type.getPackage().isAnnotatedWith(NullMarked.class)) {
        unmarked.add(name);
      }
    }

    assertThat(unmarked)
        .as(
            "every package has a package-info.java with @NullMarked that says what it is for and"
                + " what it may not import")
        .isEmpty();
  }

  /** Rules hold for packages that are still empty, too. */
  private static void check(ArchRule rule) {
    rule.allowEmptyShould(true).check(ours);
  }

  private static boolean dependsOnTheMoment(JavaCall<?> call) {
    String owner = call.getTargetOwner().getName();
    String name = call.getName();
    return switch (owner) {
      case "java.lang.System" ->
          Set.of("currentTimeMillis", "nanoTime", "getenv", "getProperty").contains(name);
      case "java.util.UUID" -> name.equals("randomUUID");
      case "java.lang.Math" -> name.equals("random");
      case "java.lang.Thread" ->
          Set.of("start", "startVirtualThread", "ofVirtual", "ofPlatform", "sleep").contains(name);
      case "java.util.concurrent.Executors" -> true;
      default -> owner.startsWith("java.time.") && name.equals("now");
    };
  }

  private static boolean isRandom(JavaClass type) {
    return type.isAssignableTo("java.util.random.RandomGenerator");
  }
}
