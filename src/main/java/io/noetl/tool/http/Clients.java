package io.noetl.tool.http;

import java.net.Socket;
import java.net.http.HttpClient;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** The two clients: one that checks certificates, and one that does not. Safe for many threads. */
final class Clients implements AutoCloseable {
  private static final String ALLOWED_HEADERS = "jdk.httpclient.allowRestrictedHeaders";

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient checking;
  private @Nullable HttpClient trusting;

  Clients() {
    // A playbook may name the virtual host it wants; the client library forbids it by default, and
    // reads this property once, when it is loaded.
    if (System.getProperty(ALLOWED_HEADERS) == null) {
      System.setProperty(ALLOWED_HEADERS, "host");
    }
    checking = builder().build();
  }

  HttpClient get(boolean verify) {
    return verify ? checking : trusting();
  }

  private synchronized HttpClient trusting() {
    HttpClient client = trusting;
    if (client == null) {
      try {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new TrustAll()}, new SecureRandom());
        client = builder().sslContext(context).build();
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("Expected this Java to have TLS, but: " + e, e);
      }
      trusting = client;
    }
    return client;
  }

  private HttpClient.Builder builder() {
    return HttpClient.newBuilder().executor(threads).followRedirects(HttpClient.Redirect.NEVER);
  }

  @Override
  public synchronized void close() {
    checking.shutdownNow();
    HttpClient other = trusting;
    if (other != null) {
      other.shutdownNow();
    }
    threads.shutdown();
  }

  /** Accepts every certificate; being an extended one, it also skips the check of the host name. */
  private static final class TrustAll extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {
      // accepted
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {
      // accepted
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
      // accepted
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
      // accepted
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {
      // accepted
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {
      // accepted
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
