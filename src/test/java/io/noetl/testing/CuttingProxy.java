package io.noetl.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A TCP proxy that resets connections when so many bytes have gone through, either way. */
public final class CuttingProxy implements AutoCloseable {
  private final ServerSocket listener;
  private final int target;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile long most = Long.MAX_VALUE;

  /**
   * @param target port of the loopback interface
   */
  public CuttingProxy(int target) throws IOException {
    this.target = target;
    this.listener = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  public int port() {
    return listener.getLocalPort();
  }

  /** Ends what is open; from now on each connection lets through so many bytes per direction. */
  public void cutAfter(long bytes) {
    most = bytes;
    open.forEach(CuttingProxy::end);
  }

  private static void end(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Lets everything through again. */
  public void mend() {
    most = Long.MAX_VALUE;
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket near = listener.accept();
        Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
        long limit = most;
        open.removeIf(Socket::isClosed);
        open.addAll(List.of(near, far));
        Thread.ofVirtual().start(() -> pump(near, far, limit));
        Thread.ofVirtual().start(() -> pump(far, near, limit));
      } catch (IOException e) {
        if (!listener.isClosed()) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private static void pump(Socket from, Socket to, long limit) {
    byte[] chunk = new byte[1024];
    long passed = 0;
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
        out.write(chunk, 0, (int) Math.min(n, limit - passed));
        passed += n;
        if (passed >= limit) {
          from.setSoLinger(true, 0);
          to.setSoLinger(true, 0);
          return;
        }
      }
    } catch (IOException e) {
      // The other direction was cut, or one side is done.
      return;
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
