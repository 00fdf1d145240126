package io.noetl.tool.http;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Sends everybody elsewhere, and remembers with which headers they came. */
final class RedirectingServer implements AutoCloseable {
  private final HttpServer server;
  private final AtomicReference<com.sun.net.httpserver.Headers> headers = new AtomicReference<>();

  RedirectingServer(String target) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          headers.set(exchange.getRequestHeaders());
          exchange.getResponseHeaders().set("Location", target);
          exchange.sendResponseHeaders(302, -1);
          exchange.close();
        });
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/";
  }

  @Nullable String seen(String name) {
    return headers.get().getFirst(name);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
