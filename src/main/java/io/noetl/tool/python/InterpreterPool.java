package io.noetl.tool.python;

import io.noetl.playbook.value.Errors;
import io.noetl.tool.process.CallOutput;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The warm processes of one interpreter: a zygote, and slots that it forked. Slots are made when
 * they are wanted, one ahead of need, at most as many as calls may run at once.
 */
final class InterpreterPool implements AutoCloseable {
  private static final int ATTEMPTS = 3;

  /** How long after its limit of time a call is given up whose slot does not end it. */
  private static final Duration GRACE = Duration.ofSeconds(3);

  private static final System.Logger LOG = System.getLogger(InterpreterPool.class.getName());

  private final PythonSettings settings;
  private final Path runner;
  private final Path directory;
  private final Path address;
  private final ServerSocketChannel server;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<Slot> idle = new ArrayDeque<>();
  private final Set<Slot> slots = new HashSet<>();
  private int starting;
  private @Nullable Zygote zygote;
  private @Nullable String failure;
  private boolean closed;

  /**
   * @param directory a private directory of this pool alone
   * @throws IOException when the pool cannot listen in the directory
   */
  InterpreterPool(PythonSettings settings, Path runner, Path directory) throws IOException {
    this.settings = settings;
    this.runner = runner;
    this.directory = directory;
    this.address = directory.resolve("s");
    this.server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      server.bind(UnixDomainSocketAddress.of(address));
    } catch (IOException e) {
      server.close();
      throw e;
    }
    Thread.ofVirtual().name("python-slots").start(this::accept);
  }

  /**
   * Runs one call on an idle slot.
   *
   * @throws InterpreterException when there is no slot to be had, or the slot died with the call
   */
  RawReply run(CallRequest request, CallOutput stdout, CallOutput stderr)
      throws InterruptedException, InterpreterException {
    for (int attempt = 1; ; attempt++) {
      Slot slot = take();
      boolean healthy = false;
      AtomicBoolean late = new AtomicBoolean();
      Thread watch = watch(slot, request.timeout(), late);
      try {
        RawReply reply = slot.run(request, stdout, stderr);
        healthy = !late.get();
        return reply;
      } catch (IOException e) {
        if (slot.wasHandedOver()) {
          slot.kill();
        }
        if (late.get()) {
          return new RawReply(Optional.empty(), 0, true);
        }
        if (Thread.interrupted()) {
          throw new InterruptedException("the python call was interrupted");
        }
        if (isClosed()) {
          throw new InterruptedException("the python tool was closed");
        }
        // A slot that died while it was idle has not begun anything: another one takes the call.
        if (slot.wasHandedOver() || attempt == ATTEMPTS) {
          throw new InterpreterException(
              Errors.of(
                  "process",
                  "PYTHON_PROCESS_LOST",
                  "Expected the python process of the call to run to its end, but it has gone: "
                      + e.getMessage(),
                  true));
        }
      } finally {
        if (watch != null) {
          watch.interrupt();
        }
        give(slot, healthy);
      }
    }
  }

  /** Slots end calls in time; this is for one that hangs or was stopped itself. */
  private static @Nullable Thread watch(Slot slot, @Nullable Duration timeout, AtomicBoolean late) {
    if (timeout == null) {
      return null;
    }
    return Thread.ofVirtual()
        .name("python-call-watch")
        .start(
            () -> {
              try {
                Thread.sleep(timeout.plus(GRACE));
                late.set(true);
                slot.close();
              } catch (InterruptedException e) {
                // The call has ended, as it should.
              }
            });
  }

  /** Starts a slot ahead of the first call. Faults are told to that call. */
  void prepare() {
    lock.lock();
    try {
      if (!closed && slots.isEmpty() && starting == 0) {
        start();
      }
    } catch (InterpreterException e) {
      LOG.log(System.Logger.Level.WARNING, e.getMessage());
    } finally {
      lock.unlock();
    }
  }

  private Slot take() throws InterruptedException, InterpreterException {
    lock.lockInterruptibly();
    try {
      long left = settings.startTimeout().toNanos();
      failure = null;
      while (true) {
        if (closed) {
          throw new InterruptedException("the python tool was closed");
        }
        Slot slot = idle.pollFirst();
        if (slot != null) {
          if (idle.isEmpty() && starting == 0 && slots.size() < settings.maxConcurrent()) {
            start();
          }
          return slot;
        }
        String reason = failure;
        if (reason != null) {
          throw unavailable(reason);
        }
        if (starting <= lock.getWaitQueueLength(changed)
            && slots.size() + starting < settings.maxConcurrent()) {
          start();
        }
        if (left <= 0) {
          starting = 0;
          Zygote current = zygote;
          throw unavailable(
              "it was not ready within python.start-timeout ("
                  + settings.startTimeout()
                  + "); "
                  + (current == null ? "" : current.lastWords()));
        }
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  private void give(Slot slot, boolean healthy) {
    lock.lock();
    try {
      if (healthy && !closed) {
        idle.addLast(slot);
      } else {
        slots.remove(slot);
        slot.close();
      }
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  private boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  /** Asks the zygote for a slot; called with the lock held. */
  private void start() throws InterpreterException {
    for (int attempt = 1; ; attempt++) {
      try {
        Zygote current = zygote;
        if (current == null || !current.alive()) {
          current = new Zygote(settings, runner, address, directory);
          Zygote made = current;
          zygote = made;
          starting = 0;
          made.onExit(() -> gone(made));
        }
        current.fork();
        starting++;
        return;
      } catch (IOException e) {
        Zygote dead = zygote;
        zygote = null;
        if (dead == null || attempt == ATTEMPTS) {
          String words = dead == null ? "" : "; " + dead.lastWords();
          throw unavailable(e.getMessage() + words);
        }
      }
    }
  }

  private InterpreterException unavailable(@Nullable String reason) {
    return new InterpreterException(
        Errors.configuration(
            "Expected to start the python interpreter '"
                + settings.interpreter()
                + "' (setting python.interpreter, or field 'python' of the tool), but "
                + reason));
  }

  private void gone(Zygote dead) {
    String words = dead.lastWords();
    lock.lock();
    try {
      if (zygote == dead) {
        zygote = null;
        // Those who wait for a slot of a dead zygote get its last words instead.
        if (starting > 0) {
          failure = "it ended while it was starting: " + words;
        }
        starting = 0;
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  private void accept() {
    while (true) {
      SocketChannel channel;
      try {
        channel = server.accept();
      } catch (IOException e) {
        return; // closed
      }
      Thread.ofVirtual().start(() -> welcome(channel));
    }
  }

  private void welcome(SocketChannel channel) {
    Slot slot = new Slot(channel, Math.addExact(settings.resultLimit(), 1 << 20));
    try {
      slot.hello();
    } catch (IOException e) {
      slot.close(); // it died at once; whoever waits for it asks for another one or times out
      return;
    }
    lock.lock();
    try {
      starting = Math.max(0, starting - 1);
      if (closed) {
        slot.close();
        return;
      }
      slots.add(slot);
      idle.addLast(slot);
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Process id of the zygote, 0 when there is none. */
  long zygotePid() {
    lock.lock();
    try {
      Zygote current = zygote;
      return current == null ? 0 : current.pid();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() throws IOException {
    Zygote last;
    Set<Slot> open;
    lock.lock();
    try {
      closed = true;
      last = zygote;
      zygote = null;
      open = Set.copyOf(slots);
      slots.clear();
      idle.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    open.forEach(Slot::close);
    server.close();
    if (last != null) {
      last.stop();
    }
    // Their directories can be removed only when nobody uses them any more.
    open.forEach(slot -> slot.awaitEnd(GRACE));
  }
}
