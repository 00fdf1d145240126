package io.noetl.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.noetl.testing.CuttingProxy;
import io.noetl.testing.S3Server;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bucket of a real server is a store, also when the network breaks. */
final class S3StoreIT extends ArchiveStoreContract {
  private static final String NOISE = noise(200_000);

  @TempDir private static Path folder;
  private static S3Server server;
  private CuttingProxy network;

  @BeforeAll
  static void start() throws Exception {
    server = new S3Server(folder);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  /** One of its own for each test: connections are used again. */
  @BeforeEach
  void connect() throws Exception {
    network = new CuttingProxy(server.port());
  }

  @AfterEach
  void disconnect() throws Exception {
    network.close();
  }

  /** What no compression makes small. */
  private static String noise(int characters) {
    StringBuilder text = new StringBuilder();
    Random random = new Random(7);
    for (int i = 0; i < characters; i++) {
      text.append((char) ('!' + random.nextInt(90)));
    }
    return text.toString();
  }

  @Override
  ArchiveStore store() {
    return store(server.port(), S3Server.SECRET_KEY, 64 << 20, 2);
  }

  private static ArchiveStore store(int port, String secret, long maxObject, int attempts) {
    return new S3Store(
        new S3Store.Settings(
            "http://127.0.0.1:" + port,
            S3Server.BUCKET,
            "noetl/test/",
            "us-east-1",
            true,
            Duration.ofSeconds(2),
            Duration.ofSeconds(2),
            attempts,
            maxObject),
        S3Server.ACCESS_KEY,
        secret,
        "");
  }

  @Test
  void showsNoPartWhenTheNetworkIsCutInTheMiddleOfWriting() throws Exception {
    ArchiveStore through = store(network.port(), S3Server.SECRET_KEY, 64 << 20, 2);
    network.cutAfter(100_000);

    assertThatThrownBy(() -> write(through, 90, List.of(event(1, NOISE))))
        .isInstanceOf(ArchiveException.class)
        .hasMessageContaining("s3://archive/noetl/test/2024/01/01/90.jsonl.gz (archive.s3)");
    assertThat(store().open(90)).as("seen by others").isNull();

    network.mend();
    write(through, 90, List.of(event(1, NOISE)));
    assertThat(read(store(), 90)).containsExactly(event(1, NOISE));
  }

  @Test
  void readsAllOrFailsWhenTheNetworkIsCutInTheMiddleOfReading() throws Exception {
    ArchiveStore through = store(network.port(), S3Server.SECRET_KEY, 64 << 20, 2);
    write(store(), 91, List.of(event(1, NOISE)));
    network.cutAfter(100_000);

    assertThatThrownBy(() -> through.open(91)).isInstanceOf(ArchiveException.class);

    network.mend();
    assertThat(read(through, 91)).hasSize(1);
  }

  @Test
  void saysWhatTheServiceAnswersToAWrongKey() {
    ArchiveStore stranger = store(server.port(), "wrong", 64 << 20, 1);

    assertThatThrownBy(() -> write(stranger, 92, List.of(event(1, "{}"))))
        .isInstanceOf(ArchiveException.class)
        .hasMessageContaining("the service answered 403");
  }

  @Test
  void refusesAnObjectThatIsLargerThanTheLimit() {
    ArchiveStore small = store(server.port(), S3Server.SECRET_KEY, 1_000, 1);

    assertThatThrownBy(() -> write(small, 93, List.of(event(1, NOISE))))
        .isInstanceOf(ArchiveException.class)
        .hasMessageContaining("in at most 1000 bytes (archive.s3.max-object)");
    assertThat(store().open(93)).isNull();
  }
}
