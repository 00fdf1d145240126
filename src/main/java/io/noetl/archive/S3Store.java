package io.noetl.archive;

import com.github.davidmoten.aws.lw.client.Client;
import com.github.davidmoten.aws.lw.client.Credentials;
import com.github.davidmoten.aws.lw.client.HttpMethod;
import com.github.davidmoten.aws.lw.client.MaxAttemptsExceededException;
import com.github.davidmoten.aws.lw.client.Request;
import com.github.davidmoten.aws.lw.client.ResponseInputStream;
import com.github.davidmoten.aws.lw.client.ServiceException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A bucket of a service that speaks the protocol of S3. An object is sent in one signed request
 * with its SHA-256, so that the service keeps it whole or refuses it; it is copied to a temporary
 * file to be read, so that no transaction waits for the network.
 */
public final class S3Store implements ArchiveStore {
  private static final Set<Integer> PASSING = Set.of(408, 429, 500, 502, 503, 504);
  private static final int MOST_WORDS = 300;

  private final Settings settings;
  private final Client client;

  /**
   * Where and how.
   *
   * @param endpoint without a slash at its end, such as {@code https://s3.eu-west-1.amazonaws.com}
   * @param prefix of all keys; empty, or with a slash at its end
   * @param pathStyle the bucket is in the path, not in the name of the host
   * @param attempts of one request, 1 or more
   * @param maxObject most bytes of one object
   */
  public record Settings(
      String endpoint,
      String bucket,
      String prefix,
      String region,
      boolean pathStyle,
      Duration connectTimeout,
      Duration readTimeout,
      int attempts,
      long maxObject) {}

  /**
   * @param accessKey who asks
   * @param secretKey never shown
   * @param sessionToken of temporary credentials; empty: none
   */
  public S3Store(Settings settings, String accessKey, String secretKey, String sessionToken) {
    this.settings = settings;
    this.client =
        Client.s3()
            .region(settings.region())
            .credentials(
                sessionToken.isEmpty()
                    ? Credentials.of(accessKey, secretKey)
                    : Credentials.of(accessKey, secretKey, sessionToken))
            .connectTimeout(settings.connectTimeout().toMillis(), TimeUnit.MILLISECONDS)
            .readTimeout(settings.readTimeout().toMillis(), TimeUnit.MILLISECONDS)
            .retryMaxAttempts(settings.attempts())
            .retryInitialInterval(200, TimeUnit.MILLISECONDS)
            .retryBackoffFactor(2)
            .retryMaxInterval(5, TimeUnit.SECONDS)
            .retryJitter(0.2)
            .retryStatusCodes(PASSING)
            .retryException(e -> e instanceof IOException || e instanceof UncheckedIOException)
            .build();
  }

  private String key(long executionId) {
    return settings.prefix() + FolderStore.name(executionId);
  }

  private Request request(long executionId, HttpMethod method) {
    String endpoint = settings.endpoint();
    int host = endpoint.indexOf("://") + 3;
    String base =
        settings.pathStyle()
            ? endpoint + "/" + settings.bucket()
            : endpoint.substring(0, host) + settings.bucket() + "." + endpoint.substring(host);
    return client.url(base + "/" + key(executionId)).method(method);
  }

  @Override
  public String place(long executionId) {
    return "s3://" + settings.bucket() + "/" + key(executionId);
  }

  @Override
  public Path draft(long executionId) {
    try {
      return Files.createTempFile("noetl-archive-" + executionId + "-", ".part");
    } catch (IOException e) {
      throw new ArchiveException("Expected to write a temporary file, but cannot: " + e, e);
    }
  }

  @Override
  public void keep(long executionId, Path draft) {
    try {
      long bytes = Files.size(draft);
      if (bytes > settings.maxObject()) {
        throw new ArchiveException(
            "Expected the events of execution %d in at most %d bytes (archive.s3.max-object), but they are %d"
                .formatted(executionId, settings.maxObject(), bytes));
      }
      Request put = request(executionId, HttpMethod.PUT).requestBody(Files.readAllBytes(draft));
      try (ResponseInputStream reply = put.responseInputStream()) {
        expect(reply, 200, "write", executionId);
      }
    } catch (IOException
        | UncheckedIOException
        | MaxAttemptsExceededException
        | ServiceException e) {
      throw cannot("write", executionId, e);
    }
  }

  @Override
  public @Nullable Opened open(long executionId) {
    Path copy = draft(executionId);
    boolean whole = false;
    try (ResponseInputStream reply = request(executionId, HttpMethod.GET).responseInputStream()) {
      if (reply.statusCode() == 404) {
        return null;
      }
      expect(reply, 200, "read", executionId);
      long bytes = Files.copy(reply, copy, StandardCopyOption.REPLACE_EXISTING);
      long announced = reply.header("Content-Length").map(Long::parseLong).orElse(bytes);
      if (bytes != announced) {
        throw new IOException("it ended after " + bytes + " of " + announced + " bytes");
      }
      whole = true;
      return new Opened(copy, true);
    } catch (IOException
        | UncheckedIOException
        | MaxAttemptsExceededException
        | ServiceException e) {
      throw cannot("read", executionId, e);
    } finally {
      if (!whole) {
        remove(copy);
      }
    }
  }

  @Override
  public void delete(long executionId) {
    try (ResponseInputStream reply =
        request(executionId, HttpMethod.DELETE).responseInputStream()) {
      if (reply.statusCode() != 404 && reply.statusCode() != 200) {
        expect(reply, 204, "delete", executionId);
      }
    } catch (IOException
        | UncheckedIOException
        | MaxAttemptsExceededException
        | ServiceException e) {
      throw cannot("delete", executionId, e);
    }
  }

  private static void remove(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void expect(ResponseInputStream reply, int status, String what, long executionId)
      throws IOException {
    if (reply.statusCode() != status) {
      String words = new String(reply.readNBytes(MOST_WORDS), StandardCharsets.UTF_8);
      throw new ArchiveException(
          "Expected to %s %s (archive.s3), but the service answered %d: %s"
              .formatted(what, place(executionId), reply.statusCode(), words));
    }
  }

  private ArchiveException cannot(String what, long executionId, Exception e) {
    return new ArchiveException(
        "Expected to %s %s (archive.s3) at %s, but cannot: %s"
            .formatted(
                what,
                place(executionId),
                settings.endpoint(),
                // Of many tries the library tells only that they were too many.
                e instanceof MaxAttemptsExceededException && e.getCause() != null
                    ? e.getCause()
                    : e),
        e);
  }
}
