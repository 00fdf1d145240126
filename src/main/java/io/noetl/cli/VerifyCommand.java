package io.noetl.cli;

import io.noetl.config.DatabaseConfig;
import io.noetl.envelope.Ids;
import io.noetl.json.Json;
import io.noetl.verify.Finding;
import io.noetl.verify.Rule;
import io.noetl.verify.Verifier;
import io.noetl.verify.VerifyReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code noetl verify}. */
@Command(
    sortOptions = false,
    usageHelpWidth = 100,
    description = "Proves that the database is whole: every execution is the fold of its events.",
    footer = {
      "",
      "Reads one snapshot and writes nothing, so it may run while the system works. Needs the",
      "database (POSTGRES_HOST and so on), not a server. What it finds, noetl doctor may repair.",
      "",
      "Exit code: 0 nothing is broken (there may be warnings), 1 an invariant is broken, 2 the",
      "  database cannot be reached or the command line is wrong.",
      "",
      "Examples:",
      "  noetl verify --all                      as a nightly run",
      "  noetl verify --all -o json --findings 1000",
      "  noetl verify 643190240526602240         one execution"
    })
final class VerifyCommand implements Callable<Integer> {
  private static final long TELL_EVERY_NANOS = 2_000_000_000L;

  private final Cli cli;

  @Parameters(paramLabel = "EXECUTION", arity = "0..1", description = "Id of one execution.")
  private @Nullable String execution;

  @Option(names = "--all", description = "Every execution of every tenant.")
  private boolean all;

  @Option(
      names = "--grace",
      paramLabel = "SECONDS",
      description =
          "How long the background may take before a warning: repeated hints, ended leases, the"
              + " outbox, results without an event (default 600).")
  private long graceSeconds = Verifier.Settings.DEFAULT.grace().toSeconds();

  @Option(
      names = "--findings",
      paramLabel = "N",
      description = "Most findings of a kind that are shown (default 100); all are counted.")
  private int findings = Verifier.Settings.DEFAULT.findingsPerRule();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "text (default) or json.")
  private OutputFormat output = OutputFormat.text;

  @Mixin private @Nullable ConfigOptions config;

  VerifyCommand(Cli cli) {
    this.cli = cli;
  }

  @Override
  public Integer call() {
    Long id = executionId(execution, all);
    if (graceSeconds < 0 || findings < 1) {
      throw new UserError(
          "Expected --grace of 0 or more and --findings of 1 or more, but got "
              + graceSeconds
              + " and "
              + findings);
    }
    DatabaseConfig database = Options.given(config).load(Map.of()).config().database();
    if (!database.configured()) {
      throw new UserError(
          "Expected the address of PostgreSQL, but none is set: set POSTGRES_HOST (database.host)");
    }
    Verifier verifier =
        new Verifier(new Verifier.Settings(Duration.ofSeconds(graceSeconds), findings));
    AtomicLong told = new AtomicLong(System.nanoTime());
    VerifyReport report =
        verifier.verify(
            database,
            id,
            progress -> {
              long now = System.nanoTime();
              if (now - told.get() > TELL_EVERY_NANOS) {
                told.set(now);
                cli.err()
                    .println(
                        "noetl: verified "
                            + progress.executions()
                            + " executions, "
                            + progress.events()
                            + " events");
                cli.err().flush();
              }
            });
    if (id != null && report.executions() == 0) {
      throw new UserError(
          "Expected execution " + id + " in " + database.place() + ", but there is none");
    }
    if (output == OutputFormat.json) {
      cli.out().println(Json.text(document(report)));
    } else {
      print(report, database.place());
    }
    cli.out().flush();
    return report.errors() == 0 ? Exit.OK : Exit.FAILED;
  }

  /**
   * @return null for all
   */
  static @Nullable Long executionId(@Nullable String execution, boolean all) {
    if ((execution == null) != all) {
      throw new UserError("Expected the id of an execution, or --all");
    }
    if (execution == null) {
      return null;
    }
    try {
      return Ids.parse(execution, "EXECUTION");
    } catch (Ids.BadIdException e) {
      throw new UserError(String.valueOf(e.getMessage()));
    }
  }

  private void print(VerifyReport report, String place) {
    String tellRule = "%-16s %-7s %-4s %-20s %s%n";
    if (!report.findings().isEmpty()) {
      cli.out().printf(tellRule, "RULE", "LEVEL", "INV", "EXECUTION", "WHAT");
      for (Finding finding : report.findings()) {
        cli.out()
            .printf(
                tellRule,
                finding.rule().word(),
                level(finding.rule()),
                finding.rule().invariant(),
                finding.executionId() == 0 ? "-" : Ids.text(finding.executionId()),
                finding.message());
      }
      cli.out().println();
    }
    new TreeMap<>(report.counts())
        .forEach(
            (rule, count) -> {
              long shown = report.findings().stream().filter(f -> f.rule() == rule).count();
              if (shown < count) {
                cli.out()
                    .println(rule.word() + ": " + shown + " of " + count + " shown (--findings)");
              }
            });
    cli.out()
        .printf(
            "%s: %d executions, %d events, %d commands, %d waits, %d results in %.1f s"
                + " (%d events/s): %s%n",
            place,
            report.executions(),
            report.events(),
            report.commands(),
            report.waits(),
            report.results(),
            report.took().toMillis() / 1000.0,
            report.eventsPerSecond(),
            report.errors() == 0
                ? report.warnings() == 0 ? "all is well" : report.warnings() + " warnings"
                : report.errors() + " errors, " + report.warnings() + " warnings");
  }

  private static String level(Rule rule) {
    return rule.severity() == Rule.Severity.ERROR ? "error" : "warning";
  }

  private static Map<String, @Nullable Object> document(VerifyReport report) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("valid", report.errors() == 0);
    out.put("errors", report.errors());
    out.put("warnings", report.warnings());
    out.put("at", report.at().toString());
    out.put("executions", report.executions());
    out.put("events", report.events());
    out.put("commands", report.commands());
    out.put("waits", report.waits());
    out.put("results", report.results());
    out.put("seconds", report.took().toMillis() / 1000.0);
    out.put("events_per_second", report.eventsPerSecond());
    Map<String, @Nullable Object> counts = new LinkedHashMap<>();
    new TreeMap<>(report.counts()).forEach((rule, count) -> counts.put(rule.word(), count));
    out.put("counts", counts);
    List<Object> findings = new ArrayList<>();
    report.findings().forEach(finding -> findings.add(finding.members()));
    out.put("findings", findings);
    return out;
  }
}
