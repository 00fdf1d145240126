package io.noetl.tool.python;

import io.noetl.json.Json;
import io.noetl.tool.process.CallOutput;
import io.noetl.tool.process.ProcessGroups;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The worker's end of one slot process: serves one call after the other. Owned by one thread at a
 * time; {@link #close} may come from any thread and ends a running call.
 */
final class Slot implements Closeable {
  private static final Duration END_LOOK = Duration.ofMillis(5);

  private static final int REPLY_FRAME = 'R';

  private final SocketChannel channel;
  private final int replyLimit;
  private final ByteBuffer in = ByteBuffer.allocate(64 * 1024).flip();
  private volatile long childPid;
  private volatile @Nullable ProcessHandle process;
  private volatile boolean handedOver;

  /**
   * @param replyLimit most bytes of a reply; more means that the runner went mad
   */
  Slot(SocketChannel channel, int replyLimit) {
    this.channel = channel;
    this.replyLimit = replyLimit;
  }

  /** Reads what the slot says of itself when it has connected. */
  Map<String, @Nullable Object> hello() throws IOException {
    Frame frame = read();
    if (frame.type != 'H') {
      throw new IOException("Expected a slot to say hello, but got frame '" + frame.type + "'");
    }
    Map<String, @Nullable Object> said = Json.parseObject(frame.payload);
    if (said.get("pid") instanceof Number pid) {
      process = ProcessHandle.of(pid.longValue()).orElse(null);
    }
    return said;
  }

  /**
   * Runs one call.
   *
   * @throws IOException when the slot has gone or was closed; {@link #wasHandedOver} then tells
   *     whether the call may have begun
   */
  RawReply run(CallRequest request, CallOutput stdout, CallOutput stderr) throws IOException {
    handedOver = false;
    childPid = 0;
    Frame ready = read();
    if (ready.type != 'W') {
      throw new IOException("Expected a slot to be ready, but got frame '" + ready.type + "'");
    }
    childPid = ByteBuffer.wrap(ready.payload).getInt();
    send(request);
    handedOver = true;
    @Nullable ByteArrayOutputStream reply = null;
    while (true) {
      Frame frame = read();
      switch (frame.type) {
        case 'O' -> stdout.add(frame.payload, 0, frame.payload.length);
        case 'E' -> stderr.add(frame.payload, 0, frame.payload.length);
        case REPLY_FRAME -> {
          if (reply == null) {
            reply = new ByteArrayOutputStream(frame.payload.length);
          }
          if (reply.size() + frame.payload.length > replyLimit) {
            throw new IOException("The reply of a slot is larger than " + replyLimit + " bytes");
          }
          reply.writeBytes(frame.payload);
        }
        case 'X' -> {
          Map<String, @Nullable Object> end = Json.parseObject(frame.payload);
          int exit = end.get("exit") instanceof Number code ? code.intValue() : 0;
          boolean timedOut = Boolean.TRUE.equals(end.get("timeout"));
          return new RawReply(
              timedOut || reply == null ? Optional.empty() : Optional.of(reply.toByteArray()),
              exit,
              timedOut);
        }
        default -> throw new IOException("Unexpected frame '" + frame.type + "' of a slot");
      }
    }
  }

  /** Whether the request of the last call went out as a whole, so that its code may have run. */
  boolean wasHandedOver() {
    return handedOver;
  }

  /** Kills the slot and the child of a call that cannot be ended by talking to it any more. */
  void kill() {
    long pid = childPid;
    if (pid > 0) {
      ProcessGroups.kill(pid);
    }
    ProcessHandle slot = process;
    if (slot != null) {
      slot.destroyForcibly();
    }
  }

  /** Waits for the end of a slot that was closed; one that does not end is killed. */
  void awaitEnd(Duration patience) {
    ProcessHandle slot = process;
    if (slot == null) {
      return;
    }
    try {
      // Not onExit: for a process that is no child of ours the JVM looks only every 300 ms.
      long deadline = System.nanoTime() + patience.toNanos();
      while (slot.isAlive()) {
        if (System.nanoTime() - deadline > 0) {
          kill();
          return;
        }
        Thread.sleep(END_LOOK);
      }
    } catch (InterruptedException e) {
      kill();
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // Nothing more can be done for a socket that does not close; the slot sees the end of it.
    }
  }

  private void send(CallRequest request) throws IOException {
    ByteBuffer head = ByteBuffer.allocate(9);
    head.put((byte) 'C').putInt(Math.addExact(4, request.size())).putInt(request.timeoutMillis());
    ByteBuffer[] parts = request.parts();
    ByteBuffer[] all = new ByteBuffer[parts.length + 1];
    all[0] = head.flip();
    System.arraycopy(parts, 0, all, 1, parts.length);
    while (all[all.length - 1].hasRemaining() || all[all.length - 2].hasRemaining()) {
      channel.write(all);
    }
  }

  private Frame read() throws IOException {
    fill(5);
    char type = (char) in.get();
    int length = in.getInt();
    if (length < 0 || length > replyLimit) {
      throw new IOException("Frame of " + length + " bytes from a slot");
    }
    byte[] payload = new byte[length];
    int taken = Math.min(length, in.remaining());
    in.get(payload, 0, taken);
    ByteBuffer rest = ByteBuffer.wrap(payload, taken, length - taken);
    while (rest.hasRemaining()) {
      if (channel.read(rest) < 0) {
        throw new EOFException("the slot process has ended");
      }
    }
    return new Frame(type, payload);
  }

  private void fill(int bytes) throws IOException {
    while (in.remaining() < bytes) {
      in.compact();
      int count = channel.read(in);
      in.flip();
      if (count < 0) {
        throw new EOFException("the slot process has ended");
      }
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Frame(char type, byte[] payload) {}
}
