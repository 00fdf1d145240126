package io.noetl.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.noetl.testing.NatsServers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class NatsProcessIT {

  @TempDir private Path directory;

  @Test
  void keepsItsStreamsOverAnOrderlyRestart() throws Exception {
    Path binary = NatsServers.binary();
    String subject = Subjects.command("shared", 1);
    try (NatsProcess first = NatsProcess.start(binary, directory);
        Bus bus = NatsBus.open(NatsConfig.of(first.url()), InstantSource.system())) {
      bus.ensureStreams();
      assertThat(bus.publish(subject, "one", new byte[0]).get().seq()).isEqualTo(1);
    }

    try (NatsProcess second = NatsProcess.start(binary, directory);
        Bus bus = NatsBus.open(NatsConfig.of(second.url()), InstantSource.system())) {
      bus.ensureStreams();
      assertThat(bus.publish(subject, "two", new byte[0]).get().seq()).isEqualTo(2);
    }
  }

  @Test
  void endsWhatAKilledProgramLeftRunning() throws Exception {
    Path binary = NatsServers.binary();
    // Never closed, like the child of a JVM that was killed.
    NatsProcess leftover = NatsProcess.start(binary, directory);

    try (NatsProcess next = NatsProcess.start(binary, directory)) {
      assertThat(leftover.handle().isAlive()).isFalse();
      assertThat(next.handle().isAlive()).isTrue();
    }
  }

  @Test
  void leavesAnotherProcessWithTheSameIdAlone() throws Exception {
    Path binary = NatsServers.binary();
    Process innocent = new ProcessBuilder("sleep", "30").start();
    try {
      Files.writeString(
          directory.resolve("nats-server.pid"),
          innocent.pid() + " " + innocent.info().startInstant().orElseThrow());

      NatsProcess.start(binary, directory).close();

      assertThat(innocent.isAlive()).isTrue();
    } finally {
      innocent.destroy();
    }
  }

  @Test
  void stopsTwiceAndLeavesNoProcessIdBehind() throws Exception {
    NatsProcess process = NatsProcess.start(NatsServers.binary(), directory);

    process.close();
    process.close();

    assertThat(process.handle().isAlive()).isFalse();
    assertThat(directory.resolve("nats-server.pid")).doesNotExist();
  }

  @Test
  void saysWhereTheLogIsWhenTheServerDoesNotStart() throws Exception {
    Path broken = program("nats-server", "echo no; exit 3");

    assertThatThrownBy(() -> NatsProcess.start(broken, directory.resolve("data")))
        .isInstanceOf(BusUnavailable.class)
        .hasMessageContaining("code 3")
        .hasMessageContaining("nats-server.log");
  }

  @Test
  void findsOnlyAServerThatIsNewEnough() throws Exception {
    Path old = program("old/nats-server", "echo nats-server: v2.9.10");
    Path other = program("other/nats-server", "echo hello");
    Path fits = program("fits/nats-server", "echo nats-server: v2.10.27");
    String path =
        String.join(
            ":",
            "/no/such/folder",
            old.getParent().toString(),
            other.getParent().toString(),
            fits.getParent().toString());

    assertThat(NatsProcess.findOnPath(name -> name.equals("PATH") ? path : null)).contains(fits);
    assertThat(NatsProcess.findOnPath(name -> old.getParent().toString())).isEmpty();
    assertThat(NatsProcess.findOnPath(name -> null)).isEmpty();
  }

  private Path program(String name, String script) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    return file;
  }
}
