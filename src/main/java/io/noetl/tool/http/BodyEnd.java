package io.noetl.tool.http;

/**
 * Decides while a response body arrives whether the rest of it is wanted; for bodies that a server
 * may keep open, such as streams of events. Used for one call; called by one thread at a time.
 */
@FunctionalInterface
public interface BodyEnd {
  /** The body is wanted whole. */
  BodyEnd CONNECTION = (contentType, piece) -> false;

  /**
   * @param contentType of the response, empty when it has none
   * @param piece what has just arrived, before any decompression
   * @return whether nothing that follows is wanted; the connection is then closed
   */
  boolean reached(String contentType, byte[] piece);
}
