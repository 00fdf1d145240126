package io.noetl.api;

import io.helidon.webserver.http.ServerResponse;
import io.noetl.result.ResultUploads;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** Writes parts to a reply as they come; opened with the first one, when all headers are set. */
final class PartsOut implements ResultUploads.PartSink, AutoCloseable {
  private final ServerResponse response;
  private @Nullable OutputStream out;

  PartsOut(ServerResponse response) {
    this.response = response;
  }

  @Override
  public void part(byte[] content) {
    try {
      OutputStream to = out;
      if (to == null) {
        to = response.outputStream();
        out = to;
      }
      to.write(content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      if (out != null) {
        out.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
