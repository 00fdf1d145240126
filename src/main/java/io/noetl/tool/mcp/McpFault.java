package io.noetl.tool.mcp;

/** The server answered with an error, or not at all; becomes data with status {@code error}. */
final class McpFault extends Exception {
  private static final long serialVersionUID = 1L;

  McpFault(String message) {
    super(message);
  }
}
