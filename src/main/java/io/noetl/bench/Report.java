package io.noetl.bench;

import io.noetl.bench.RawLimits.Limit;
import io.noetl.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** What a bench found, for people and for programs. */
public final class Report {
  private final BenchOptions options;
  private final List<Sample> samples;
  private final Map<String, Map<String, Double>> memory;
  private final Map<String, Limit> limits;
  private final Endurance endurance;

  Report(
      BenchOptions options,
      List<Sample> samples,
      Map<String, Map<String, Double>> memory,
      Map<String, Limit> limits,
      Endurance endurance) {
    this.options = options;
    this.samples = List.copyOf(samples);
    this.memory = new LinkedHashMap<>(memory);
    this.limits = new LinkedHashMap<>(limits);
    this.endurance = endurance;
  }

  /** One measurement in one line. */
  static String line(Sample sample) {
    StringBuilder line = new StringBuilder();
    line.append(
        String.format(
            Locale.ROOT,
            "%-9s %-9s %-6s %4s  p50 %8.2f  p99 %8.2f  p99.9 %8.2f ms  %8.1f runs/s %9.0f steps/s",
            sample.topology(),
            sample.workload().word(),
            sample.mode(),
            sample.inFlight() == 0 ? "" : sample.inFlight(),
            sample.p50Ms(),
            sample.p99Ms(),
            sample.p999Ms(),
            sample.runsPerSecond(),
            sample.stepsPerSecond()));
    if (sample.used() != null) {
      line.append(
          String.format(
              Locale.ROOT,
              "  cpu %.2f s/1000 steps; per run: %.2f statements, %.2f commits, %.1f rows, %.0f B"
                  + " WAL",
              sample.cpuPerThousandSteps(),
              sample.statementsPerRun(),
              sample.commitsPerRun(),
              sample.rowsPerRun(),
              sample.walPerRun()));
    }
    if (sample.raw() != null) {
      line.append(
          String.format(Locale.ROOT, "  %.0f %% of %s", sample.ratio() * 100, sample.raw()));
    }
    if (sample.failed() > 0) {
      line.append("  FAILED ").append(sample.failed()).append(": ").append(sample.reason());
    }
    if (!sample.build().equals("this")) {
      line.append("  [").append(sample.build()).append(']');
    }
    return line.toString();
  }

  /** Everything, for people. */
  public String text() {
    StringBuilder text = new StringBuilder();
    text.append("machine: ").append(machine()).append('\n');
    text.append("\nraw limits, measured in this run\n");
    limits.forEach(
        (name, limit) ->
            text.append(
                String.format(
                    Locale.ROOT,
                    "  %-15s %10.0f /s   p50 %7.3f  p99 %7.3f ms  %s%n",
                    name,
                    limit.perSecond(),
                    limit.p50Ms(),
                    limit.p99Ms(),
                    about(name))));
    text.append("\nfigures");
    text.append(options.runs() > 1 ? ", medians of " + options.runs() + " runs\n" : "\n");
    groups()
        .forEach(
            (_, group) ->
                text.append("  ").append(line(middle(group))).append(spread(group)).append('\n'));
    text.append("\nprocessor seconds per 1,000 steps, by process\n");
    groups()
        .forEach(
            (_, group) -> {
              Sample sample = middle(group);
              Meter.Used used = sample.used();
              if (used != null) {
                text.append(
                    String.format(
                        Locale.ROOT,
                        "  %-9s %-9s %-6s %4s %s ",
                        sample.topology(),
                        sample.workload().word(),
                        sample.mode(),
                        sample.inFlight() == 0 ? "" : sample.inFlight(),
                        sample.build().equals("this") ? "" : sample.build()));
                double steps = (double) sample.runs() * sample.workload().steps() / 1_000;
                used.cpu()
                    .forEach(
                        (name, seconds) ->
                            text.append(
                                String.format(
                                    Locale.ROOT,
                                    " %s %.3f",
                                    name,
                                    steps == 0 ? 0 : seconds / steps)));
                text.append('\n');
              }
            });
    text.append("\nresident megabytes (shared pages counted in parts)\n");
    memory.forEach(
        (name, processes) -> {
          text.append("  ").append(name).append(':');
          processes.forEach(
              (process, megabytes) ->
                  text.append(String.format(Locale.ROOT, " %s %.0f", process, megabytes)));
          text.append('\n');
        });
    text.append(endurance.text());
    return text.toString();
  }

  /** Everything, as one JSON document. */
  public String json() {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("machine", machine());
    Map<String, @Nullable Object> raw = new LinkedHashMap<>();
    limits.forEach(
        (name, limit) -> {
          Map<String, @Nullable Object> one = new LinkedHashMap<>();
          one.put("about", about(name));
          one.put("per_second", Sample.round(limit.perSecond()));
          one.put("p50_ms", limit.p50Ms());
          one.put("p99_ms", limit.p99Ms());
          raw.put(name, one);
        });
    out.put("raw_limits", raw);
    out.put("samples", samples.stream().map(Sample::json).toList());
    out.put("resident_megabytes", memory);
    if (options.endure() != null) {
      out.put("endurance", endurance.json());
    }
    return Json.text(out);
  }

  private static String machine() {
    return Runtime.getRuntime().availableProcessors()
        + " processors, "
        + System.getProperty("os.name")
        + " "
        + System.getProperty("os.arch")
        + ", Java "
        + Runtime.version();
  }

  private static String about(String name) {
    return switch (name) {
      case "commit-1" -> "insert and commit, one client, fsync on";
      case "commit-8" -> "the same, eight clients";
      case "rows-100" -> "rows of the outbox's shape, 100 per commit, four clients";
      case "rows-500" -> "rows of the log's shape, 500 per commit, four clients";
      case "http-1" -> "empty request to the API, one client";
      case "http-8" -> "the same, eight clients";
      case "publish-1" -> "message with id, acknowledged, one at a time";
      case "publish-window" -> "messages with ids, acknowledged, with a window";
      case "plugin" -> "call of the plug-in, without the platform";
      case "python" -> "call of the python code, without the platform";
      case "read" -> "events read from the log, not decoded";
      default -> "";
    };
  }

  private Map<String, List<Sample>> groups() {
    Map<String, List<Sample>> groups = new LinkedHashMap<>();
    for (Sample sample : samples) {
      groups
          .computeIfAbsent(sample.what() + "/" + sample.build(), _ -> new ArrayList<>())
          .add(sample);
    }
    return groups;
  }

  private static Sample middle(List<Sample> group) {
    TreeMap<Double, Sample> byRate = new TreeMap<>();
    group.forEach(sample -> byRate.put(sample.runsPerSecond(), sample));
    return List.copyOf(byRate.values()).get(byRate.size() / 2);
  }

  private static String spread(List<Sample> group) {
    return group.size() < 2
        ? ""
        : "  (p50 "
            + range(group, Sample::p50Ms)
            + ", p99 "
            + range(group, Sample::p99Ms)
            + ", runs/s "
            + range(group, Sample::runsPerSecond)
            + ")";
  }

  private static String range(List<Sample> group, ToDoubleFunction<Sample> figure) {
    double least = group.stream().mapToDouble(figure).min().orElse(0);
    double most = group.stream().mapToDouble(figure).max().orElse(0);
    return String.format(Locale.ROOT, "%.1f-%.1f", least, most);
  }
}
