package io.noetl.tool.process;

import io.noetl.tool.ToolCall.LineLog;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One output stream of one call: keeps the tail and passes whole lines on as they come. Safe for
 * use by several threads.
 */
public final class CallOutput {
  /** A line without end is cut into pieces of this size. */
  private static final int LONGEST_LINE = 64 * 1024;

  private final String stream;
  private final LineLog log;
  private final int limit;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private byte[] kept = new byte[256];
  private int size;
  private long total;

  /**
   * @param stream {@code stdout} or {@code stderr}
   * @param log receives each line
   * @param limit bytes that are kept, the tail; at least 1
   */
  public CallOutput(String stream, LineLog log, int limit) {
    this.stream = stream;
    this.log = log;
    this.limit = limit;
  }

  /** Takes bytes as they were written. */
  public synchronized void add(byte[] bytes, int offset, int length) {
    keep(bytes, offset, length);
    int start = offset;
    int end = offset + length;
    for (int i = offset; i < end; i++) {
      boolean whole = bytes[i] == '\n';
      if (whole || line.size() + i - start >= LONGEST_LINE) {
        line.write(bytes, start, i - start + (whole ? 0 : 1));
        emit();
        start = i + 1;
      }
    }
    line.write(bytes, start, end - start);
  }

  /** Passes on what came after the last end of a line. */
  public synchronized void finish() {
    if (line.size() > 0) {
      emit();
    }
  }

  /** The tail that is kept, decoded; a character that was cut at its start is left out. */
  public synchronized String text() {
    int from = Math.max(0, size - limit);
    if (total > limit) {
      while (from < size && (kept[from] & 0xC0) == 0x80) {
        from++;
      }
    }
    return new String(kept, from, size - from, StandardCharsets.UTF_8);
  }

  /** Whether more came than is kept. */
  public synchronized boolean truncated() {
    return total > limit;
  }

  private void emit() {
    String text = line.toString(StandardCharsets.UTF_8);
    line.reset();
    log.line(stream, text.endsWith("\r") ? text.substring(0, text.length() - 1) : text);
  }

  private void keep(byte[] bytes, int offset, int length) {
    total += length;
    int taken = Math.min(length, limit);
    int room = 2 * limit;
    if (size + taken > room) {
      // Moving the tail once per limit bytes keeps the cost per byte constant.
      int tail = Math.min(size, limit);
      System.arraycopy(kept, size - tail, kept, 0, tail);
      size = tail;
    }
    if (size + taken > kept.length) {
      kept = Arrays.copyOf(kept, Math.min(room, Math.max(size + taken, kept.length * 2)));
    }
    System.arraycopy(bytes, offset + length - taken, kept, size, taken);
    size += taken;
  }
}
