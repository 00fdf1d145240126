package io.noetl.chaos;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A TCP proxy in front of one or more addresses, with the ways in which networks fail. With several
 * addresses each connection goes to the next that answers. Safe for use by many threads.
 */
final class Gate implements AutoCloseable {
  private static final int CHUNK = 16 * 1024;
  private static final int CONNECT_MILLIS = 1000;

  /** How it lets through. */
  enum Mode {
    OPEN,
    /** Connections are reset, new ones too. */
    CUT,
    /** Nothing arrives, nothing is refused; what was sent arrives when it is over. */
    SILENT
  }

  private final String name;
  private final List<Integer> targets;
  private final ServerSocket listener;
  private final AtomicInteger turn = new AtomicInteger();
  private final Set<Link> links = ConcurrentHashMap.newKeySet();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private volatile Mode mode = Mode.OPEN;
  private volatile Duration delay = Duration.ZERO;
  private volatile boolean closed;

  /**
   * @param name of the threads
   * @param targets ports of the loopback interface
   */
  Gate(String name, List<Integer> targets) {
    this.name = name;
    this.targets = List.copyOf(targets);
    try {
      listener = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().name(name).start(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  String name() {
    return name;
  }

  /** Every connection is reset, and new ones are, until it is opened. */
  void cut() {
    turn(Mode.CUT);
    links.forEach(Link::reset);
  }

  /** Nothing goes through, and nobody is told. */
  void silence() {
    turn(Mode.SILENT);
  }

  /**
   * What is connected now stays so for the client's side only: what it sends is lost, and it hears
   * nothing, not even that the other side is gone. New connections go through.
   */
  void halfOpen() {
    links.forEach(Link::abandon);
  }

  /** Each packet takes so much longer from now on. */
  void delay(Duration longer) {
    delay = longer;
  }

  /** As it was in the beginning. */
  void open() {
    delay = Duration.ZERO;
    turn(Mode.OPEN);
  }

  private void turn(Mode next) {
    lock.lock();
    try {
      mode = next;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits while it is silent. */
  private void pass() throws InterruptedException {
    lock.lock();
    try {
      while (mode == Mode.SILENT && !closed) {
        changed.await();
      }
    } finally {
      lock.unlock();
    }
    Duration longer = delay;
    if (longer.isPositive()) {
      Thread.sleep(longer);
    }
  }

  private void accept() {
    while (!closed) {
      try {
        Socket client = listener.accept();
        Thread.ofVirtual().name(name + " connects").start(() -> connect(client));
      } catch (IOException e) {
        if (!closed) {
          throw new UncheckedIOException(name, e);
        }
      }
    }
  }

  private void connect(Socket client) {
    try {
      pass();
      if (mode == Mode.CUT || closed) {
        resetQuietly(client);
        return;
      }
      Socket server = dial();
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
      Link link = new Link(client, server);
      links.add(link);
      link.start();
      if (mode == Mode.CUT) {
        link.reset();
      }
    } catch (IOException e) {
      // Nobody listens there: the client learns it as it would without a proxy.
      resetQuietly(client);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      resetQuietly(client);
    }
  }

  private Socket dial() throws IOException {
    IOException last = new IOException("no target");
    for (int i = 0; i < targets.size(); i++) {
      Socket server = new Socket();
      try {
        int port = targets.get(Math.floorMod(turn.getAndIncrement(), targets.size()));
        server.connect(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
        return server;
      } catch (IOException e) {
        server.close();
        last = e;
      }
    }
    throw last;
  }

  private static void resetQuietly(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException e) {
      // It is gone already, which is what was wanted.
    }
  }

  @Override
  public void close() {
    closed = true;
    turn(Mode.CUT);
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    links.forEach(Link::reset);
  }

  /** One connection through the gate. */
  private final class Link {
    private final Socket client;
    private final Socket server;
    private volatile boolean abandoned;

    Link(Socket client, Socket server) {
      this.client = client;
      this.server = server;
    }

    void start() {
      Thread.ofVirtual().name(name + " up").start(() -> pump(client, server, true));
      Thread.ofVirtual().name(name + " down").start(() -> pump(server, client, false));
    }

    void reset() {
      resetQuietly(server);
      resetQuietly(client);
      links.remove(this);
    }

    void abandon() {
      abandoned = true;
      resetQuietly(server);
    }

    private void pump(Socket from, Socket to, boolean up) {
      byte[] chunk = new byte[CHUNK];
      try {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
          pass();
          if (!abandoned) {
            out.write(chunk, 0, read);
          }
        }
        pass();
        if (!abandoned) {
          to.shutdownOutput();
          return;
        }
      } catch (SocketException e) {
        if (abandoned && up && !client.isClosed()) {
          swallow();
          return;
        }
        if (abandoned && !up) {
          return;
        }
      } catch (IOException | InterruptedException e) {
        if (e instanceof InterruptedException) {
          Thread.currentThread().interrupt();
        }
      }
      if (!abandoned || up) {
        reset();
      }
    }

    /** The client goes on sending to nobody. */
    private void swallow() {
      try {
        client.getInputStream().transferTo(OutputStream.nullOutputStream());
      } catch (IOException e) {
        // The client has noticed.
      }
      reset();
    }
  }
}
