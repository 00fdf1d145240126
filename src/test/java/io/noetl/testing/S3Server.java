package io.noetl.testing;

import com.github.davidmoten.aws.lw.client.Client;
import com.github.davidmoten.aws.lw.client.HttpMethod;
import io.noetl.support.FreePorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** A server that speaks the protocol of S3, as a process, with one bucket. */
public final class S3Server implements AutoCloseable {
  public static final String BUCKET = "archive";
  public static final String ACCESS_KEY = "someone";
  public static final String SECRET_KEY = "a-secret-of-someone";

  private static final Path JAR = Path.of("target", "tools", "s3proxy.jar").toAbsolutePath();
  private static final Duration START = Duration.ofSeconds(60);

  private final int port = new FreePorts().next();
  private final Process process;

  /**
   * @param folder for its objects, settings and log
   */
  public S3Server(Path folder) throws IOException {
    Path objects = Files.createDirectories(folder.resolve("objects"));
    Path settings = folder.resolve("s3proxy.conf");
    Files.writeString(
        settings,
        """
        s3proxy.endpoint=http://127.0.0.1:%d
        s3proxy.authorization=aws-v4
        s3proxy.identity=%s
        s3proxy.credential=%s
        jclouds.provider=filesystem-nio2
        jclouds.identity=unused
        jclouds.credential=unused
        jclouds.filesystem.basedir=%s
        """
            .formatted(port, ACCESS_KEY, SECRET_KEY, objects));
    process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-jar",
                JAR.toString(),
                "--properties",
                settings.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("s3proxy.log").toFile())
            .start();
    Waiting.until(START, () -> "the S3 server does not listen (see " + folder + ")", this::listens);
    Client.s3()
        .region("us-east-1")
        .accessKey(ACCESS_KEY)
        .secretKey(SECRET_KEY)
        .build()
        .url(url() + "/" + BUCKET)
        .method(HttpMethod.PUT)
        .execute();
  }

  private boolean listens() {
    try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  public int port() {
    return port;
  }

  public String url() {
    return "http://127.0.0.1:" + port;
  }

  /** Settings of a server that archives there. */
  public Map<String, String> settings(int through) {
    return Map.of(
        "archive.s3.endpoint",
        "http://127.0.0.1:" + through,
        "archive.s3.bucket",
        BUCKET,
        "archive.s3.prefix",
        "noetl/test",
        "archive.s3.access-key",
        ACCESS_KEY,
        "archive.s3.secret-key",
        SECRET_KEY,
        "archive.s3.read-timeout",
        "2s",
        "archive.s3.attempts",
        "2");
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
