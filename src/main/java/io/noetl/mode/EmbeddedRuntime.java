package io.noetl.mode;

import io.noetl.config.NoetlConfig;
import java.net.URI;
import java.util.List;

/**
 * Every role in this process, for {@code noetl up} and for {@code noetl run} without a server. Used
 * by one thread, but for {@link #close}, which a shutdown hook may call.
 */
public interface EmbeddedRuntime extends AutoCloseable {
  /**
   * Returns when the API answers and every role works.
   *
   * @param config whose {@code server.port} may be 0 for any free one
   * @return the address of the API, such as {@code http://127.0.0.1:8082}
   */
  URI start(NoetlConfig config);

  /** What was started and where it keeps its data, one line each, for people. */
  List<String> facts();

  /** Drains and stops everything; a second call does nothing. */
  @Override
  void close();
}
