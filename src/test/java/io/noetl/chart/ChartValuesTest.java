package io.noetl.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.noetl.config.ConfigLoader;
import io.noetl.config.Entry;
import io.noetl.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Which values the chart takes, and what it says about the others. */
class ChartValuesTest {
  /** Among the settings nothing is taken that is a secret, or that the chart itself sets. */
  @Test
  void whatTheChartSetsIsRefusedAmongSettings() {
    Set<String> set = new TreeSet<>();
    for (Chart chart : ChartTest.charts()) {
      Rendered plain = chart.render();
      plain.variables().filter(name -> name.startsWith("NOETL_")).forEach(set::add);
    }
    set.addAll(ChartTest.secretVariables());
    // Free for everybody; the production example sets them.
    Set.of(
            "NOETL_RETENTION_DAYS",
            "NOETL_HTTP_DENY_INTERNAL",
            "NOETL_DATABASE_APPEND_CONNECTIONS",
            "NOETL_DATABASE_READ_CONNECTIONS")
        .forEach(set::remove);
    for (Entry entry : ConfigLoader.reference()) {
      Chart chart = Chart.LEAST.with("settings." + entry.key().replace(".", "\\."), "1");
      if (set.contains(entry.environmentName()) || entry.key().equals("projector.shards")) {
        assertThatThrownBy(chart::text)
            .as(entry.key())
            .hasMessageContaining("settings: Expected no " + entry.key() + ", but");
      } else {
        assertThat(Rendered.of(chart.text()).one(ConfigMap.class, "noetl-settings").getData())
            .containsEntry(entry.environmentName(), "1");
      }
    }
  }

  @Test
  void theServersOfAGatewayGetItsSecret() {
    Chart chart = Chart.LEAST.with("auth.mode", "gateway").with("auth.existingSecret", "callers");

    assertThat(
            Rendered.container(chart.render().pod("noetl-server")).getEnv().stream()
                .filter(variable -> variable.getName().equals("NOETL_AUTH_GATEWAY_SECRET"))
                .map(variable -> variable.getValueFrom().getSecretKeyRef()))
        .singleElement()
        .satisfies(
            secret -> {
              assertThat(secret.getName()).isEqualTo("callers");
              assertThat(secret.getKey()).isEqualTo("gateway-secret");
            });
  }

  @Test
  void largeNumbersKeepTheirDigits(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("values.yaml");
    Files.writeString(
        file,
        "settings: {plugin.fuel: 100000000, bus.mode: nats}\n"
            + "worker: {settings: {shell.stream-limit: 5000000}}");

    Rendered rendered = new Chart(file, Chart.LEAST.values()).render();

    assertThat(rendered.environment("noetl-worker", ChartTest::secret))
        .containsEntry("NOETL_PLUGIN_FUEL", "100000000")
        .containsEntry("NOETL_BUS_MODE", "nats")
        .containsEntry("NOETL_SHELL_STREAM_LIMIT", "5000000");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "worker.replica|2|replica",
        "worker.replicas|many|replicas",
        "worker.slots|0|slots",
        "worker.pools[0]|a pool|pools",
        "auth.mode|none|mode",
        "nats.url|nats://me:word@nats:4222|url",
        "nats.url|nats:4222|url",
        "database.port|70000|port",
        "projector.shards|0|shards",
        "server.autoscaling.cpuPercent|0|cpuPercent",
        "settings.lanes|4|lanes",
        "ports.api|0|api"
      })
  void theSchemaRefusesBadValues(String path, String value, String named) {
    assertThatThrownBy(Chart.LEAST.with(path, value)::text)
        .hasMessageContaining("values don't meet the specifications of the schema")
        .hasMessageContaining(named);
  }

  @Test
  void everythingThatIsMissingIsNamedAtOnce() {
    assertThatThrownBy(new Chart(null, Map.of("worker.jobs.enabled", true))::text)
        .hasMessageContaining("database.host: Expected")
        .hasMessageContaining("database.existingSecret: Expected")
        .hasMessageContaining("nats.url: Expected")
        .hasMessageContaining("auth.existingSecret: Expected")
        .hasMessageContaining("worker.jobs.namespace: Expected");
    assertThatThrownBy(Chart.LEAST.with("auth.mode", "off")::text)
        .hasMessageContaining("auth.allowAnonymous: Expected true where auth.mode is off");
    assertThatThrownBy(
            Chart.LEAST
                    .with("worker.jobs.enabled", true)
                    .with("worker.jobs.namespace", Chart.NAMESPACE)
                ::text)
        .hasMessageContaining("worker.jobs: Expected other namespaces than the release's own");
  }

  @Test
  void lintFindsNothing(@TempDir Path folder) throws Exception {
    assertThat(Chart.lint(Chart.FOLDER))
        .satisfies(
            result -> assertThat(result.isFailed()).as("%s", result.getMessages()).isFalse());
    for (String example : List.of("small.yaml", "production.yaml")) {
      Path copy = folder.resolve(example).resolve("noetl");
      Chart.copy(copy);
      Map<String, Object> values = read(Chart.FOLDER.resolve("values.yaml"));
      merge(values, read(Chart.EXAMPLES.resolve(example)));
      Files.write(copy.resolve("values.yaml"), Json.bytes(values));

      assertThat(Chart.lint(copy))
          .satisfies(
              result -> assertThat(result.isFailed()).as("%s", result.getMessages()).isFalse());
    }
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> read(Path file) throws IOException {
    return (Map<String, Object>)
        new Load(LoadSettings.builder().build()).loadFromString(Files.readString(file));
  }

  @SuppressWarnings("unchecked")
  private static void merge(Map<String, Object> into, Map<String, Object> more) {
    more.forEach(
        (key, value) -> {
          if (value instanceof Map<?, ?> map && into.get(key) instanceof Map<?, ?> own) {
            merge((Map<String, Object>) own, (Map<String, Object>) map);
          } else {
            into.put(key, value);
          }
        });
  }

  /** Whoever looks at the values finds a word about each. */
  @Test
  void everyTopLevelValueIsExplained() throws IOException {
    List<String> lines = Files.readAllLines(Chart.FOLDER.resolve("values.yaml"));

    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).matches("[a-zA-Z]+:.*") && !lines.get(i).startsWith("fullnameOverride")) {
        assertThat(lines.get(i - 1)).as(lines.get(i)).startsWith("#");
      }
    }
    assertThat(Arrays.asList("image:", "server:", "keys:")).allMatch(lines::contains);
  }
}
