package io.noetl.api;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.OptionalLong;

/** Reads request bodies up to a limit, which is checked while reading and not afterwards. */
final class Bodies {
  private static final int FIRST_BUFFER = 8 * 1024;
  private static final byte[] NONE = {};

  /**
   * How much of a body that is too large is read all the same, in bytes: a caller who is still
   * sending when the connection closes may never see why. Beyond it nothing is read.
   */
  private static final int SPARED = 4 * 1024 * 1024;

  private Bodies() {}

  /**
   * What a body may weigh.
   *
   * @param name of the setting, for the refusal
   */
  record Limit(String name, int bytes) {}

  /**
   * @throws Problem.Refusal with 413 when the body is larger
   */
  static byte[] read(ServerRequest request, Limit limit) {
    OptionalLong declared = request.headers().contentLength();
    if (declared.isPresent() && declared.getAsLong() > limit.bytes()) {
      // Who asks first whether to send it sends nothing.
      if (declared.getAsLong() <= SPARED && !request.headers().contains(HeaderNames.EXPECT)) {
        discard(request.content().inputStream());
      }
      throw tooLarge(limit, declared.getAsLong() + " bytes");
    }
    if (!request.content().hasEntity()) {
      return NONE;
    }
    try {
      // Never closed: closing would first read what is left, however much that is.
      InputStream in = request.content().inputStream();
      return declared.isPresent() ? in.readNBytes((int) declared.getAsLong()) : chunked(in, limit);
    } catch (Problem.Refusal e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // Cut off, or chunks that are none: where the next request begins is unknown.
      throw last(Problems.badRequest("The body cannot be read to its end")).refusal();
    }
  }

  private static byte[] chunked(InputStream in, Limit limit) throws IOException {
    byte[] buffer = new byte[Math.min(FIRST_BUFFER, limit.bytes() + 1)];
    int size = 0;
    while (true) {
      int read = in.read(buffer, size, buffer.length - size);
      if (read < 0) {
        return size == buffer.length ? buffer : Arrays.copyOf(buffer, size);
      }
      size += read;
      if (size > limit.bytes()) {
        discard(in);
        throw tooLarge(limit, "more");
      }
      if (size == buffer.length) {
        buffer = Arrays.copyOf(buffer, (int) Math.min(2L * size, limit.bytes() + 1L));
      }
    }
  }

  private static void discard(InputStream in) {
    try {
      in.skipNBytes(SPARED);
    } catch (IOException | RuntimeException e) {
      // It has ended, or will not: the refusal that follows closes the connection either way.
    }
  }

  private static Problem.Refusal tooLarge(Limit limit, String size) {
    // The rest of the body is not read, so the connection cannot be used again.
    return last(Problems.tooLarge("a body", limit.name(), limit.bytes(), size)).refusal();
  }

  private static Problem last(Problem problem) {
    return problem.withHeader(HeaderNames.CONNECTION.defaultCase(), "close");
  }
}
