package io.noetl.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BusSettingsTest {

  @Test
  void defaultsAreTheDocumentedOnes() {
    BusLimits limits = BusLimits.defaults();

    assertThat(limits.duplicateWindow()).isEqualTo(Duration.ofSeconds(20));
    assertThat(limits.publishWindow()).isEqualTo(4096);
    assertThat(limits.maxMessageBytes()).isEqualTo(1_000_000);
    assertThat(limits.events())
        .isEqualTo(new StreamLimits(Duration.ofHours(24), 1L << 30, 2_000_000));
    assertThat(limits.commands())
        .isEqualTo(new StreamLimits(Duration.ofHours(1), 256L << 20, 1_000_000));
  }

  @Test
  void refusesLimitsOutOfRangeByName() {
    BusLimits limits = BusLimits.defaults();

    assertThatThrownBy(() -> limits.withPublishWindow(0)).hasMessageContaining("publishWindow");
    assertThatThrownBy(() -> limits.withDuplicateWindow(Duration.ofHours(2)))
        .hasMessageContaining("duplicateWindow");
    assertThatThrownBy(
            () ->
                new BusLimits(
                    limits.events(),
                    limits.commands(),
                    limits.duplicateWindow(),
                    1,
                    9 << 20,
                    16 << 20))
        .hasMessageContaining("maxMessageBytes");
    assertThatThrownBy(
            () ->
                new BusLimits(
                    limits.events(), limits.commands(), limits.duplicateWindow(), 1, 1000, 1000))
        .hasMessageContaining("maxPullBytes");
    assertThatThrownBy(() -> new StreamLimits(Duration.ZERO, 1 << 20, 1))
        .hasMessageContaining("maxAge");
    assertThatThrownBy(() -> new StreamLimits(Duration.ofHours(1), 0, 1))
        .hasMessageContaining("maxBytes");
    assertThatThrownBy(() -> new StreamLimits(Duration.ofHours(1), 1 << 20, 0))
        .hasMessageContaining("maxMessages");
  }

  @Test
  void neverPrintsSecrets() {
    NatsConfig plain = NatsConfig.of("nats://someone:hunter2@host:4222,nats://other:4222");
    NatsConfig secret = with("me", "hunter2", null, null);

    assertThat(plain.toString()).doesNotContain("hunter2").contains("nats://***@host:4222");
    assertThat(secret.toString()).doesNotContain("hunter2").contains("user=me");
    assertThat(with(null, null, "hunter2", null).toString()).doesNotContain("hunter2");
  }

  @Test
  void refusesCombinationsThatCannotBeMeant() {
    assertThatThrownBy(() -> NatsConfig.of(" ")).hasMessageContaining("url");
    assertThatThrownBy(() -> with("me", null, null, null)).hasMessageContaining("password");
    assertThatThrownBy(() -> with("me", "secret", "token", null)).hasMessageContaining("2");
    assertThatThrownBy(
            () -> NatsConfig.of("nats://h").withTimeouts(Duration.ZERO, Duration.ofSeconds(1)))
        .hasMessageContaining("connectTimeout");
  }

  @Test
  void refusesACredentialsFileThatIsNotThere() {
    NatsConfig config = with(null, null, null, Path.of("no", "such.creds"));

    assertThatThrownBy(() -> NatsBus.open(config, InstantSource.system()))
        .isInstanceOf(BusMisconfigured.class)
        .hasMessageContaining("such.creds");
  }

  @Test
  void consumerOfAPoolIsNamedAfterIt() {
    ConsumerSpec spec = ConsumerSpec.ofPool("system");

    assertThat(spec.durable()).isEqualTo("pool-system");
    assertThat(spec.filters()).containsExactly("noetl.commands.system.>");
    assertThat(spec.stream()).isEqualTo(BusStream.COMMANDS);
  }

  @Test
  void refusesConsumersThatReadTheWrongStreamOrTheSameTwice() {
    assertThatThrownBy(() -> ConsumerSpec.ofCommands("w", List.of("noetl.events.>")))
        .hasMessageContaining("noetl.commands.");
    assertThatThrownBy(
            () ->
                ConsumerSpec.ofCommands(
                    "w", List.of("noetl.commands.>", "noetl.commands.system.>")))
        .hasMessageContaining("overlap");
    assertThatThrownBy(() -> ConsumerSpec.ofCommands("w", List.of()))
        .hasMessageContaining("filters");
    assertThatThrownBy(() -> ConsumerSpec.ofCommands("a.b", List.of("noetl.commands.>")))
        .hasMessageContaining("durable");
    assertThatThrownBy(() -> ConsumerSpec.ofPool("system").withMaxDeliver(0))
        .hasMessageContaining("maxDeliver");
  }

  @Test
  void comparesVersionsByNumber() {
    assertThat(NatsVersion.parse("nats-server: v2.10.27").isSupported()).isTrue();
    assertThat(NatsVersion.parse("2.9.99").isSupported()).isFalse();
    assertThat(NatsVersion.parse("2.10.9").isSupported()).isFalse();
    assertThat(NatsVersion.parse("2.15.0-RC.1").isSupported()).isTrue();
    assertThat(NatsVersion.parse("3.0.0").isSupported()).isTrue();
    assertThatThrownBy(() -> NatsVersion.parse("dev")).hasMessageContaining("'dev'");
  }

  private static NatsConfig with(
      @Nullable String user,
      @Nullable String password,
      @Nullable String token,
      @Nullable Path credentials) {
    NatsConfig base = NatsConfig.of("nats://host:4222");
    return new NatsConfig(
        base.url(),
        user,
        password,
        token,
        credentials,
        base.connectionName(),
        base.connectTimeout(),
        base.requestTimeout(),
        base.replicas(),
        base.limits());
  }
}
