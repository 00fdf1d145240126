package io.noetl.config;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * Object storage that speaks the protocol of S3, for archived events instead of a folder.
 *
 * @param bucket empty: none
 * @param endpoint address of the service; empty: that of AWS in the region
 * @param prefix before every key, such as {@code noetl/prod}
 * @param pathStyle the bucket is in the path, not in the name of the host
 * @param accessKey with {@code secretKey}: who asks; both are needed
 * @param sessionToken of temporary credentials; empty: none
 * @param connectTimeout of one connection
 * @param readTimeout without a byte from the service
 * @param attempts of one request, with pauses that grow from a fifth of a second to five seconds
 * @param maxObject most bytes of one execution; a larger one stays in the log. Held in memory while
 *     it is sent
 */
public record ArchiveS3Config(
    Optional<String> bucket,
    Optional<String> endpoint,
    Optional<String> prefix,
    String region,
    boolean pathStyle,
    Secret accessKey,
    Secret secretKey,
    Secret sessionToken,
    Duration connectTimeout,
    Duration readTimeout,
    int attempts,
    long maxObject) {

  public ArchiveS3Config {
    boolean used = bucket.isPresent();
    new Checks("archive.s3")
        .that(
            endpoint.isEmpty() || isAddress(endpoint.get()),
            "endpoint",
            "Expected an address such as https://s3.example.com, but got "
                + endpoint.orElse("none"))
        .that(
            !used || !accessKey.isEmpty(),
            "access-key",
            "Expected a key with archive.s3.bucket, but there is none")
        .that(
            !used || !secretKey.isEmpty(),
            "secret-key",
            "Expected a key with archive.s3.bucket, but there is none")
        .range("connect-timeout", connectTimeout, Duration.ofMillis(100), Duration.ofMinutes(1))
        .range("read-timeout", readTimeout, Duration.ofMillis(100), Duration.ofMinutes(10))
        .range("attempts", attempts, 1, 20)
        .bytes("max-object", maxObject, 1 << 20, 1 << 30)
        .done();
  }

  private static boolean isAddress(String text) {
    try {
      URI uri = URI.create(text);
      return uri.getHost() != null && String.valueOf(uri.getScheme()).matches("https?");
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  static ArchiveS3Config from(Values values) {
    return new ArchiveS3Config(
        values.optionalText("bucket", "Bucket of archived executions; empty: none"),
        values.optionalText("endpoint", "Address of an S3-compatible service; empty: AWS"),
        values.optionalText("prefix", "Begin of all keys in the bucket"),
        values.text("region", "us-east-1", "Region that requests are signed for"),
        values.bool("path-style", true, "Bucket in the path instead of the host's name"),
        values.secret("access-key", "Who asks the service"),
        values.secret("secret-key", "Secret of the access key"),
        values.secret("session-token", "Token of temporary credentials; empty: none"),
        values.duration("connect-timeout", Duration.ofSeconds(5), "Time for a connection"),
        values.duration("read-timeout", Duration.ofSeconds(30), "Time without a byte"),
        values.integer("attempts", 4, "Tries of one request"),
        values.bytes("max-object", 64L << 20, "Bytes of one archived execution"));
  }

  /** The values that hold when nothing is set. */
  public static ArchiveS3Config defaults() {
    return from(Values.defaults("archive.s3"));
  }
}
