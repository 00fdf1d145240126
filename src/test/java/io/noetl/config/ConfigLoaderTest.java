package io.noetl.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigLoaderTest {
  @TempDir Path folder;

  @Test
  void needsNoSettings() {
    ConfigLoader.Loaded loaded = load(Map.of(), Map.of());

    assertThat(loaded.config()).isEqualTo(NoetlConfig.defaults());
    assertThat(loaded.entries()).allSatisfy(e -> assertThat(e.source()).isEqualTo("default"));
  }

  @Test
  void flagsWinOverTheEnvironmentAndThatOverTheFile() throws Exception {
    Path file = file("server.port=1\nserver.host=localhost\nlanes.count=3\n");

    ConfigLoader.Loaded loaded =
        ConfigLoader.load(
            Optional.of(file),
            Map.of("NOETL_SERVER_PORT", "2", "NOETL_LANES_COUNT", " 5 "),
            Map.of("server.port", "3"));

    assertThat(loaded.config().server().port()).isEqualTo(3);
    assertThat(loaded.config().server().host()).isEqualTo("localhost");
    assertThat(loaded.config().lanes().count()).isEqualTo(5);
    assertThat(source(loaded, "server.port")).isEqualTo("flag server.port");
    assertThat(source(loaded, "lanes.count")).isEqualTo("environment NOETL_LANES_COUNT");
    assertThat(source(loaded, "server.host")).isEqualTo("file " + file + " server.host");
    assertThat(source(loaded, "server.public-url")).isEqualTo("default");
  }

  @Test
  void takesTheFileThatTheEnvironmentNames() throws Exception {
    Path file = file("lanes.count=7\n");

    ConfigLoader.Loaded loaded = load(Map.of("NOETL_CONFIG", file.toString()), Map.of());

    assertThat(loaded.config().lanes().count()).isEqualTo(7);
  }

  @Test
  void knowsTheNamesOfOtherPrograms() {
    NoetlConfig config =
        load(
                Map.of(
                    "POSTGRES_HOST", "db",
                    "POSTGRES_PORT", "6543",
                    "POSTGRES_DB", "flows",
                    "POSTGRES_USER", "me",
                    "POSTGRES_PASSWORD", "pw",
                    "NATS_URL", "nats://bus:4222",
                    "NATS_CONSUMER", "noetl_worker_pool_system",
                    "NATS_FILTER_SUBJECT", "noetl.commands.system.>",
                    "NOETL_PROJECTOR_SHARD_ID", "noetl-projector-0"),
                Map.of())
            .config();

    assertThat(config.database().place()).isEqualTo("db:6543/flows as me");
    assertThat(config.database().password().reveal()).isEqualTo("pw");
    assertThat(config.bus().url()).isEqualTo("nats://bus:4222");
    assertThat(config.bus().consumer()).contains("noetl_worker_pool_system");
    assertThat(config.bus().filterSubject()).contains("noetl.commands.system.>");
    assertThat(config.projector().ownShards()).containsExactly(0);
  }

  @Test
  void ourOwnNameWinsOverThatOfAnotherProgram() {
    Map<String, String> both =
        Map.of("POSTGRES_DATABASE", "a", "POSTGRES_DB", "b", "NOETL_DATABASE_NAME", "c");

    assertThat(load(both, Map.of()).config().database().name()).isEqualTo("c");
    assertThat(load(Map.of("POSTGRES_DATABASE", "a"), Map.of()).config().database().name())
        .isEqualTo("a");
  }

  @Test
  void saysEveryFaultAtOnceWithItsSourceAndWhatIsRight() throws Exception {
    Path file = file("sever.port=1\npublisher.tick=fast\n");

    ConfigException refused =
        catchThrowableOfType(
            ConfigException.class,
            () ->
                ConfigLoader.load(
                    Optional.of(file),
                    Map.of("NOETL_SERVER_PROT", "1", "NOETL_LANES_COUNT", "0", "HOME", "/x"),
                    Map.of("bus.mode", "carrier-pigeon")));

    assertThat(refused.getMessage().lines())
        .containsExactly(
            "Configuration: 5 faults",
            "  file "
                + file
                + " sever.port: Expected a known key (did you mean server.port?), but there is none"
                + " of this name; `noetl print-config --all` lists them",
            "  environment NOETL_SERVER_PROT: Expected a known variable (did you mean"
                + " NOETL_SERVER_PORT?), but there is none of this name; `noetl print-config --all`"
                + " lists them",
            "  flag bus.mode: Expected one of auto, nats, memory, but got 'carrier-pigeon'",
            "  environment NOETL_LANES_COUNT (lanes.count): Expected a number from 1 to 256, but"
                + " got 0",
            "  file "
                + file
                + " publisher.tick: Expected a time such as 500ms, 30s, 5m, 2h or 1d, but got"
                + " 'fast'");
  }

  @Test
  void refusesAFileThatIsNotThere() {
    Path missing = folder.resolve("none.properties");

    assertThatThrownBy(() -> ConfigLoader.load(Optional.of(missing), Map.of(), Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(missing.toString())
        .hasMessageContaining("there is no such file");
  }

  @Test
  void overlooksVariablesThatKubernetesMakesForServices() {
    NoetlConfig config =
        load(
                Map.of(
                    "NOETL_SERVICE_HOST", "10.0.0.1",
                    "NOETL_SERVICE_PORT_HTTP", "8082",
                    "NOETL_PORT", "tcp://10.0.0.1:8082",
                    "NOETL_PORT_8082_TCP_ADDR", "10.0.0.1",
                    "NOETL_TEST_POSTGRES", "auto",
                    "NOETL_JAVA_OPTS", "-Xmx1g"),
                Map.of())
            .config();

    assertThat(config).isEqualTo(NoetlConfig.defaults());
  }

  @Test
  void explainsAVariableThatKubernetesMadeOverOneOfOurs() {
    assertThatThrownBy(() -> load(Map.of("NOETL_SERVER_PORT", "tcp://10.0.0.1:8082"), Map.of()))
        .hasMessageContaining("set enableServiceLinks: false");
  }

  @Test
  void refusesAnonymousCallersOnAnOpenAddress() {
    assertThatThrownBy(() -> load(Map.of("NOETL_SERVER_HOST", "0.0.0.0"), Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("environment NOETL_SERVER_HOST (server.host)")
        .hasMessageContaining("auth.allow-anonymous=true");

    NoetlConfig permitted =
        load(Map.of("NOETL_SERVER_HOST", "0.0.0.0", "NOETL_AUTH_ALLOW_ANONYMOUS", "true"), Map.of())
            .config();
    assertThat(permitted.server().loopback()).isFalse();
  }

  @Test
  void neverShowsASecret() {
    ConfigLoader.Loaded loaded =
        load(
            Map.of(
                "POSTGRES_PASSWORD", "canary-1",
                "NOETL_AUTH_INTERNAL_TOKEN", "canary-2-canary-2",
                "NATS_URL", "nats://me:canary-3@bus:4222"),
            Map.of());

    assertThat(loaded.entries().toString()).doesNotContain("canary").contains(Secret.MASK);
    assertThat(loaded.config().database().toString()).doesNotContain("canary");
    assertThatThrownBy(() -> load(Map.of("NOETL_AUTH_INTERNAL_TOKEN", "canary"), Map.of()))
        .hasMessageContaining("at least 16 characters")
        .hasMessageNotContaining("canary");
  }

  @Test
  void everyKeyHasItsOwnNameInTheEnvironmentAndAMeaning() {
    List<Entry> reference = ConfigLoader.reference();
    Set<String> names = new HashSet<>(ConfigLoader.otherEnvironmentNames().keySet());

    assertThat(reference)
        .isNotEmpty()
        .allSatisfy(
            entry -> {
              assertThat(entry.key()).matches("[a-z]+(-[a-z]+)*(\\.[a-z][a-z0-9]*(-[a-z]+)*)+");
              assertThat(entry.about()).isNotBlank().doesNotEndWith(".");
              assertThat(names.add(entry.environmentName())).as(entry.key()).isTrue();
            });
  }

  @Test
  void everyKeyCanBeSetInEverySource() {
    Map<String, String> environment = new HashMap<>();
    Map<String, String> flags = new HashMap<>();
    for (Entry entry : ConfigLoader.reference()) {
      if (!entry.defaultValue().isEmpty()) {
        environment.put(entry.environmentName(), entry.defaultValue());
        flags.put(entry.key(), entry.defaultValue());
      }
    }

    assertThat(load(environment, Map.of()).config()).isEqualTo(NoetlConfig.defaults());
    assertThat(load(Map.of(), flags).config()).isEqualTo(NoetlConfig.defaults());
  }

  private static ConfigLoader.Loaded load(
      Map<String, String> environment, Map<String, String> flags) {
    return ConfigLoader.load(Optional.empty(), environment, flags);
  }

  private static String source(ConfigLoader.Loaded loaded, String key) {
    return loaded.entries().stream()
        .filter(entry -> entry.key().equals(key))
        .findFirst()
        .orElseThrow()
        .source();
  }

  private Path file(String text) throws Exception {
    return Files.writeString(folder.resolve("noetl.properties"), text);
  }
}
