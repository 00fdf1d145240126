package io.noetl.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.noetl.testing.NatsServers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class NatsLoginIT {

  @TempDir private Path directory;
  private @Nullable Process server;

  @AfterEach
  void stopServer() throws Exception {
    if (server != null) {
      server.destroy();
      assertThat(server.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void logsInWithUserAndPassword() throws Exception {
    String url = start("--user", "noetl", "--pass", "s3cret");

    try (Bus bus = NatsBus.open(config(url, "noetl", "s3cret", null), InstantSource.system())) {
      bus.ensureStreams();
      assertThat(bus.health().connected()).isTrue();
    }
    assertRefused(config(url, "noetl", "wrong", null), "wrong");
  }

  @Test
  void logsInWithAToken() throws Exception {
    String url = start("--auth", "t0ken");

    try (Bus bus = NatsBus.open(config(url, null, null, "t0ken"), InstantSource.system())) {
      bus.ensureStreams();
      assertThat(bus.health().connected()).isTrue();
    }
    assertRefused(config(url, null, null, "false-token"), "false-token");
  }

  @Test
  void keepsAPasswordInTheAddressOutOfItsErrors() throws Exception {
    String url = start("--user", "noetl", "--pass", "s3cret");
    String address = url.replace("//", "//noetl:hunter2@");

    try (Bus bus =
        NatsBus.open(
            NatsConfig.of(address).withTimeouts(Duration.ofSeconds(1), Duration.ofSeconds(1)),
            InstantSource.system())) {
      BusContract.await(() -> bus.health().errors() > 1);
      assertThat(bus.health().toString()).contains("//***@127").doesNotContain("hunter2");
      assertThatThrownBy(bus::ensureStreams).message().doesNotContain("hunter2");
    }
  }

  private static void assertRefused(NatsConfig config, String secret) throws Exception {
    try (Bus bus =
        NatsBus.open(
            config.withTimeouts(Duration.ofSeconds(1), Duration.ofSeconds(1)),
            InstantSource.system())) {
      BusContract.await(() -> bus.health().errors() > 0);
      assertThatThrownBy(bus::ensureStreams)
          .isInstanceOf(BusUnavailable.class)
          .hasMessageContaining(config.url())
          .hasMessageContaining("uthoriz")
          .message()
          .doesNotContain(secret);
    }
  }

  private String start(String... login) throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    List<String> command =
        new ArrayList<>(
            List.of(
                NatsServers.binary().toString(),
                "--addr",
                "127.0.0.1",
                "--port",
                Integer.toString(port),
                "--jetstream",
                "--store_dir",
                directory.toString()));
    command.addAll(List.of(login));
    server =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    return "nats://127.0.0.1:" + port;
  }

  private static NatsConfig config(
      String url, @Nullable String user, @Nullable String password, @Nullable String token) {
    NatsConfig base = NatsConfig.of(url);
    return new NatsConfig(
        url,
        user,
        password,
        token,
        null,
        base.connectionName(),
        base.connectTimeout(),
        base.requestTimeout(),
        base.replicas(),
        base.limits());
  }
}
