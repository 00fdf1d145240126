package io.noetl.tool.http;

import io.noetl.json.JsonException;
import io.noetl.playbook.ToolKind;
import io.noetl.playbook.value.Errors;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.Outcome.Shape;
import io.noetl.playbook.value.Outcome.Status;
import io.noetl.tool.Fields;
import io.noetl.tool.InvalidConfig;
import io.noetl.tool.ToolCall;
import io.noetl.tool.ToolExecutor;
import io.noetl.tool.auth.CredentialException;
import io.noetl.tool.auth.Credentials;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Sends one request over HTTP/1.1 or HTTP/2. Connections are kept and shared between calls. The
 * {@code retry-after} header of an answer is among {@code http.headers} of the outcome.
 */
public final class HttpExecutor implements ToolExecutor {
  private static final int OWN_TOKENS = 100;

  private final HttpSettings settings;
  private final Clients clients;
  private final AddressGuard guard;
  private final Authorizer authorizer;

  /** Without credentials: only what an {@code auth} field holds itself can be sent. */
  public HttpExecutor(HttpSettings settings) {
    this.settings = settings;
    this.clients = new Clients();
    this.guard = new AddressGuard(settings);
    this.authorizer =
        new Authorizer(
            Credentials.NONE, new AccessTokens(this, InstantSource.system(), OWN_TOKENS));
  }

  /**
   * @param credentials what {@code auth} fields name
   * @param tokens for credentials that stand for a token
   */
  public HttpExecutor(HttpSettings settings, Credentials credentials, AccessTokens tokens) {
    this.settings = settings;
    this.clients = new Clients();
    this.guard = new AddressGuard(settings);
    this.authorizer = new Authorizer(credentials, tokens);
  }

  @Override
  public Outcome run(ToolCall call) throws InterruptedException {
    return run(call, BodyEnd.CONNECTION);
  }

  /**
   * As {@link #run(ToolCall)}, but reads no more of the response body than is wanted.
   *
   * @param end of this call alone
   */
  public Outcome run(ToolCall call, BodyEnd end) throws InterruptedException {
    try {
      Object auth = new Fields(ToolKind.HTTP, call.fields()).first("auth", "credential");
      HttpPlan plan = HttpPlan.of(call.fields(), authorizer.of(auth, call.identity()));
      return sent(plan, limit(call), end);
    } catch (InvalidConfig e) {
      return Outcome.hard(Errors.configuration(String.valueOf(e.getMessage())));
    } catch (JsonException e) {
      return Outcome.hard(Errors.configuration("The body cannot be sent: " + e.getMessage()));
    } catch (CredentialException e) {
      return e.outcome();
    }
  }

  private Duration limit(ToolCall call) {
    Duration own = new Fields(ToolKind.HTTP, call.fields()).duration("timeout_seconds", "timeout");
    Duration limit = own == null ? settings.timeout() : own;
    Duration above = call.timeout();
    return above != null && above.compareTo(limit) < 0 ? above : limit;
  }

  private Outcome sent(HttpPlan first, Duration limit, BodyEnd end) throws InterruptedException {
    HttpPlan plan = first;
    long start = System.nanoTime();
    for (int redirects = 0; ; redirects++) {
      String target = shown(plan.address());
      HttpResponse<byte[]> response;
      byte[] body;
      try {
        Optional<String> refusal = guard.refusal(plan.address());
        if (refusal.isPresent()) {
          return Outcome.hard(Errors.of("configuration", "INTERNAL_ADDRESS", refusal.get(), false));
        }
        response = exchange(plan, limit.minusNanos(System.nanoTime() - start), end);
        body = ResponseBodies.decoded(response.body(), response.headers(), settings.bodyLimit());
      } catch (TimeoutException e) {
        Map<String, @Nullable Object> error =
            Errors.timeout("Request to " + target + " timed out after " + Fields.words(limit));
        return new Outcome(
            Status.TIMEOUT, Shape.SINGLE, null, error, true, null, Map.of(), null, null);
      } catch (IOException e) {
        return Outcome.hard(HttpFailures.ofException(e, target));
      }
      Optional<String> location = response.headers().firstValue("location");
      if (!plan.followRedirects() || location.isEmpty() || !redirects(response.statusCode())) {
        return outcome(plan, response, body, (System.nanoTime() - start) / 1_000_000);
      }
      if (redirects == settings.maxRedirects()) {
        return Outcome.hard(
            Errors.of(
                "connection",
                "TOO_MANY_REDIRECTS",
                "Expected at most "
                    + settings.maxRedirects()
                    + " redirects (http.max-redirects), but "
                    + target
                    + " answered with one more",
                false));
      }
      plan = plan.redirected(response.statusCode(), target(plan.address(), location.get()));
    }
  }

  private HttpResponse<byte[]> exchange(HttpPlan plan, Duration left, BodyEnd end)
      throws IOException, InterruptedException, TimeoutException {
    HttpClient client = clients.get(plan.verify());
    CompletableFuture<HttpResponse<byte[]>> answer =
        client.sendAsync(
            request(plan),
            answered ->
                new LimitedBody(
                    settings.bodyLimit(),
                    answered.headers().firstValue("content-type").orElse(""),
                    end));
    try {
      return answer.get(Math.max(1, left.toNanos()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException | InterruptedException e) {
      // Closes the connection, or the stream of an HTTP/2 one.
      answer.cancel(true);
      throw e;
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      throw cause instanceof IOException io ? io : new IOException(cause);
    }
  }

  private static HttpRequest request(HttpPlan plan) {
    HttpRequest.Builder builder;
    try {
      builder = HttpRequest.newBuilder(plan.address());
    } catch (IllegalArgumentException e) {
      throw new InvalidConfig("Invalid http config: field 'url' cannot be used: " + e.getMessage());
    }
    // Without TLS an upgrade to HTTP/2 would have to be asked for, which confuses old servers.
    builder.version(
        plan.address().getScheme().equals("https")
            ? HttpClient.Version.HTTP_2
            : HttpClient.Version.HTTP_1_1);
    byte[] body = plan.body();
    builder.method(
        plan.method(),
        body == null
            ? HttpRequest.BodyPublishers.noBody()
            : HttpRequest.BodyPublishers.ofByteArray(body));
    Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    headers.put("Accept", "*/*");
    headers.put("User-Agent", "noetl");
    headers.putAll(plan.headers());
    headers.forEach(
        (name, value) -> {
          try {
            builder.setHeader(name, value);
          } catch (IllegalArgumentException e) {
            throw new InvalidConfig(
                "Invalid http config: header '" + name + "' or its value cannot be sent");
          }
        });
    return builder.build();
  }

  private Outcome outcome(HttpPlan plan, HttpResponse<byte[]> response, byte[] body, long millis) {
    Map<String, @Nullable Object> headers = headers(response.headers());
    Object parsed = ResponseBodies.data(body, plan.responseType(), response.headers());
    long status = response.statusCode();
    Map<String, @Nullable Object> data = new LinkedHashMap<>();
    data.put("status_code", status);
    data.put("headers", headers);
    data.put("data", parsed);
    data.put("body", parsed);
    data.put("url", plan.address().toString());
    data.put("elapsed_ms", millis);
    Map<String, @Nullable Object> http = new LinkedHashMap<>();
    http.put("status", status);
    http.put("headers", headers);
    Map<String, @Nullable Object> meta = new LinkedHashMap<>();
    meta.put("duration_ms", millis);
    boolean good = status >= 200 && status < 300;
    return new Outcome(
        good ? Status.SUCCESS : Status.ERROR,
        Shape.SINGLE,
        data,
        good ? null : HttpFailures.ofStatus(response.statusCode()),
        false,
        http,
        meta,
        null,
        null);
  }

  private static Map<String, @Nullable Object> headers(HttpHeaders headers) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    headers
        .map()
        .forEach(
            (name, values) -> {
              if (!name.startsWith(":")) {
                map.put(name.toLowerCase(Locale.ROOT), String.join(", ", values));
              }
            });
    return map;
  }

  private static boolean redirects(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
  }

  private static URI target(URI from, String location) {
    if (location.contains("://")) {
      return Urls.parse(location);
    }
    try {
      return from.resolve(location);
    } catch (IllegalArgumentException e) {
      throw new InvalidConfig("A redirect leads to an address that is none: " + e.getMessage());
    }
  }

  /** The address for messages: without the query, which may hold secrets. */
  private static String shown(URI address) {
    return address.getScheme() + "://" + address.getRawAuthority() + address.getRawPath();
  }

  @Override
  public void close() {
    clients.close();
  }
}
