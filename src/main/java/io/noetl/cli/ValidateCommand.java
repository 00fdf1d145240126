package io.noetl.cli;

import io.noetl.json.Json;
import io.noetl.playbook.Diagnostic;
import io.noetl.playbook.DiagnosticPrinter;
import io.noetl.playbook.ParseResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code noetl validate}. */
@Command(
    sortOptions = false,
    usageHelpWidth = 100,
    description = "Checks playbooks and shows every fault with its place; needs no server.",
    footer = {
      "",
      "Exit code: 0 all valid, 1 some invalid, 2 a file cannot be read.",
      "",
      "Examples:",
      "  noetl validate hello.yaml",
      "  noetl validate -o json flows/*.yaml"
    })
final class ValidateCommand implements Callable<Integer> {
  private final Cli cli;

  @Parameters(paramLabel = "FILE", arity = "1..*", description = "Playbook in YAML.")
  private List<Path> files = List.of();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "text (default) or json.")
  private OutputFormat output = OutputFormat.text;

  ValidateCommand(Cli cli) {
    this.cli = cli;
  }

  @Override
  public Integer call() {
    boolean valid = true;
    boolean read = true;
    List<Object> reports = new ArrayList<>();
    for (Path file : files) {
      String text;
      try {
        text = Payloads.read(file);
      } catch (UserError e) {
        // The other files are told about all the same.
        read = false;
        cli.err().println("noetl: " + e.getMessage());
        cli.err().flush();
        reports.add(unread(file, e));
        continue;
      }
      ParseResult result = LocalParser.parse(text);
      valid &= result instanceof ParseResult.Valid;
      if (output == OutputFormat.json) {
        reports.add(json(file, result));
      } else {
        print(file, text, result);
      }
    }
    if (output == OutputFormat.json) {
      cli.out().println(Json.text(Map.of("valid", valid && read, "files", reports)));
    }
    return !read ? Exit.USAGE : valid ? Exit.OK : Exit.FAILED;
  }

  private void print(Path file, String text, ParseResult result) {
    DiagnosticPrinter printer = new DiagnosticPrinter(file.toString(), text);
    switch (result) {
      case ParseResult.Valid valid -> {
        cli.err().print(printer.print(valid.warnings()));
        cli.err().flush();
        int steps = valid.playbook().steps().size();
        cli.out().println(file + ": valid, " + counted(steps, "step", valid.warnings().size()));
      }
      case ParseResult.Invalid invalid -> {
        cli.err().print(printer.print(invalid.errors()));
        cli.err().print(printer.print(invalid.warnings()));
        cli.err().flush();
        cli.out()
            .println(
                file
                    + ": invalid, "
                    + counted(invalid.errors().size(), "error", invalid.warnings().size()));
      }
    }
  }

  private static Map<String, @Nullable Object> unread(Path file, UserError error) {
    Map<String, @Nullable Object> report = new LinkedHashMap<>();
    report.put("file", file.toString());
    report.put("valid", false);
    report.put("errors", List.of(Map.of("rule", "file.unreadable", "message", error.getMessage())));
    report.put("warnings", List.of());
    return report;
  }

  private static String counted(int number, String what, int warnings) {
    String text = number + " " + what + (number == 1 ? "" : "s");
    return warnings == 0
        ? text
        : text + ", " + warnings + (warnings == 1 ? " warning" : " warnings");
  }

  private static Map<String, @Nullable Object> json(Path file, ParseResult result) {
    Map<String, @Nullable Object> report = new LinkedHashMap<>();
    report.put("file", file.toString());
    report.put("valid", result instanceof ParseResult.Valid);
    report.put(
        "errors",
        switch (result) {
          case ParseResult.Valid _ -> List.of();
          case ParseResult.Invalid invalid -> json(invalid.errors());
        });
    report.put("warnings", json(result.warnings()));
    return report;
  }

  private static List<Object> json(List<Diagnostic> diagnostics) {
    List<Object> all = new ArrayList<>();
    for (Diagnostic diagnostic : diagnostics) {
      Map<String, @Nullable Object> one = new LinkedHashMap<>();
      one.put("path", diagnostic.path());
      one.put("line", diagnostic.line());
      one.put("column", diagnostic.column());
      one.put("rule", diagnostic.rule());
      one.put("message", diagnostic.message());
      if (diagnostic.hint() != null) {
        one.put("hint", diagnostic.hint());
      }
      all.add(one);
    }
    return all;
  }
}
