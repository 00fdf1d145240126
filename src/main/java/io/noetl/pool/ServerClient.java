package io.noetl.pool;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webclient.api.HttpClientRequest;
import io.helidon.webclient.api.HttpClientResponse;
import io.helidon.webclient.api.WebClient;
import io.noetl.json.Json;
import io.noetl.json.JsonException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Speaks to the server's API over kept connections. Safe for use by many threads; a call blocks its
 * (virtual) thread.
 */
public final class ServerClient {
  private static final HeaderName TENANT = HeaderNames.create("X-Noetl-Tenant");

  private final WebClient client;
  private final String baseUrl;
  private final String token;
  private final String internalToken;
  private final @Nullable String tenant;

  private ServerClient(ServerClient same, String tenant) {
    this.client = same.client;
    this.baseUrl = same.baseUrl;
    this.token = same.token;
    this.internalToken = same.internalToken;
    this.tenant = tenant;
  }

  /** A client of a server that wants no tokens but the internal one. */
  public ServerClient(String baseUrl, Duration timeout, String internalToken) {
    this(baseUrl, timeout, "", internalToken);
  }

  /**
   * @param baseUrl for example {@code http://127.0.0.1:8082}
   * @param timeout longest wait for a connection, and for a reply
   * @param token says who this worker is; empty where the server does not ask
   * @param internalToken opens the server's internal routes; empty when none is configured
   */
  public ServerClient(String baseUrl, Duration timeout, String token, String internalToken) {
    this.baseUrl = baseUrl.endsWith("/") ? baseUrl.substring(0, baseUrl.length() - 1) : baseUrl;
    this.token = token;
    this.internalToken = internalToken;
    this.tenant = null;
    this.client =
        WebClient.builder()
            .baseUri(baseUrl)
            .connectTimeout(timeout)
            .readTimeout(timeout)
            .connectionCacheSize(512)
            // The shared cache is closed by a shutdown hook, while a stopping worker still reports.
            .shareConnectionCache(false)
            .build();
  }

  public String baseUrl() {
    return baseUrl;
  }

  /** The same connections, for requests on behalf of the tenant whose command is run. */
  public ServerClient as(String tenant) {
    return new ServerClient(this, tenant);
  }

  private HttpClientRequest proven(HttpClientRequest request) {
    return proven(request, token);
  }

  private HttpClientRequest proven(HttpClientRequest request, String shown) {
    if (shown.isEmpty()) {
      return request;
    }
    if (tenant != null) {
      request.header(TENANT, tenant);
    }
    return request.header(HeaderNames.AUTHORIZATION, "Bearer " + shown);
  }

  /**
   * A reply.
   *
   * @param retryAfterSeconds what the server asked to wait, or null
   */
  public record Reply(
      int status, Map<String, @Nullable Object> body, @Nullable Long retryAfterSeconds) {
    public boolean ok() {
      return status >= 200 && status < 300;
    }

    /**
     * Whether the same request may be answered otherwise later. A token that is not known may be
     * known soon: while tokens are exchanged, no step may fail for it.
     */
    boolean passing() {
      return status == 401 || status == 408 || status == 429 || status >= 500;
    }

    /** The stable word of an error reply, or an empty text. */
    public String code() {
      return body.get("code") instanceof String code ? code : "";
    }

    /** The sentence of an error reply. */
    public String error() {
      return body.get("error") instanceof String error ? error : "status " + status;
    }
  }

  /** The server cannot be reached, or did not answer like one. */
  public static final class UnreachableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnreachableException(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * Posts a JSON body.
   *
   * @param path and query, percent-encoded by the caller
   * @throws UnreachableException when no reply came; whether the server acted is unknown
   */
  public Reply post(String path, Map<String, @Nullable Object> body) {
    return post(proven(client.post(path)), path, body);
  }

  /**
   * As {@link #post}, for what may take longer than usual.
   *
   * @param atMost longest wait for the reply
   */
  Reply post(String path, Map<String, @Nullable Object> body, Duration atMost) {
    return post(proven(client.post(path)).readTimeout(atMost), path, body);
  }

  /** As {@link #post}, to an internal route. */
  public Reply postInternal(String path, Map<String, @Nullable Object> body) {
    return post(proven(client.post(path), internalToken), path, body);
  }

  /** As {@link #post}, with a body that is JSON already. */
  Reply postJson(String path, byte[] json) {
    return post(proven(client.post(path)), path, json);
  }

  private Reply post(HttpClientRequest request, String path, Map<String, @Nullable Object> body) {
    return post(request, path, Json.bytes(body));
  }

  private Reply post(HttpClientRequest request, String path, byte[] json) {
    try (HttpClientResponse response =
        request.skipUriEncoding(true).header(HeaderValues.CONTENT_TYPE_JSON).submit(json)) {
      return reply(response);
    } catch (RuntimeException e) {
      throw unreachable(path, e);
    }
  }

  /**
   * Gets raw bytes from an internal route; null when there is no such thing.
   *
   * @param path with its query, encoded
   */
  public byte @Nullable [] bytes(String path) {
    try (HttpClientResponse response = proven(request(path), internalToken).request()) {
      int status = response.status().code();
      if (status == 404) {
        return null;
      }
      if (status != 200) {
        throw new UnreachableException(
            "Expected " + baseUrl + path + ", but the server refused: " + reply(response).error(),
            null);
      }
      return response.as(byte[].class);
    } catch (UnreachableException e) {
      throw e;
    } catch (RuntimeException e) {
      throw unreachable(path, e);
    }
  }

  /**
   * Puts raw bytes.
   *
   * @param path with its query, encoded
   */
  public Reply put(String path, String contentType, byte[] body) {
    try (HttpClientResponse response =
        proven(client.put().uri(URI.create(baseUrl + path)))
            .header(HeaderNames.CONTENT_TYPE, contentType)
            .submit(body)) {
      return reply(response);
    } catch (RuntimeException e) {
      throw unreachable(path, e);
    }
  }

  /**
   * An answer that may be large.
   *
   * @param content of a good answer, unread; null when it was refused
   * @param reply status and, when refused, the reason
   * @param tooLarge its size when it is larger than was asked for, and was not read; else 0
   */
  record Fetched(byte @Nullable [] content, Reply reply, long tooLarge) {}

  /**
   * Gets content as it is.
   *
   * @param path with its query, encoded
   * @param most bytes that are read
   */
  Fetched fetch(String path, long most) {
    try (HttpClientResponse response = proven(request(path)).request()) {
      int status = response.status().code();
      if (status < 200 || status >= 300) {
        return new Fetched(null, reply(response), 0);
      }
      Reply good = new Reply(status, Map.of(), null);
      long length = response.headers().contentLength().orElse(0);
      return length > most
          ? new Fetched(null, good, length)
          : new Fetched(response.as(byte[].class), good, 0);
    } catch (RuntimeException e) {
      throw unreachable(path, e);
    }
  }

  /**
   * Gets a JSON object.
   *
   * @param path with its query, encoded
   */
  public Reply get(String path) {
    try (HttpClientResponse response = proven(request(path)).request()) {
      return reply(response);
    } catch (RuntimeException e) {
      throw unreachable(path, e);
    }
  }

  /** As a URI: the client takes a text for a path alone and would encode the mark of the query. */
  private HttpClientRequest request(String path) {
    return client.get().uri(URI.create(baseUrl + path));
  }

  private UnreachableException unreachable(String path, RuntimeException e) {
    return new UnreachableException(
        "Expected an answer from " + baseUrl + path + ", but got none: " + reason(e), e);
  }

  /** The innermost exception that says something; a broken connection often only has a name. */
  private static String reason(RuntimeException e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.getMessage() == null
        ? cause.getClass().getSimpleName()
        : cause.getClass().getSimpleName() + ": " + cause.getMessage();
  }

  private static Reply reply(HttpClientResponse response) {
    byte[] bytes = response.as(byte[].class);
    Long retryAfter = null;
    if (response.headers().contains(HeaderNames.RETRY_AFTER)) {
      retryAfter = response.headers().get(HeaderNames.RETRY_AFTER).get(Long.class);
    }
    int status = response.status().code();
    try {
      return new Reply(status, bytes.length == 0 ? Map.of() : Json.parseObject(bytes), retryAfter);
    } catch (JsonException e) {
      if (status >= 400) {
        // A proxy in between answers in its own words; the status is what counts.
        return new Reply(status, Map.of(), retryAfter);
      }
      throw e;
    }
  }
}
