package io.noetl.tool.postgres;

/**
 * Whom to connect to, and as whom. Two calls share connections only when all of it is equal.
 *
 * @param sslMode the driver's word; empty = its default
 * @param sslRootCert file of trusted certificates; empty = the driver's default
 * @param options command-line options of the session, such as {@code -c role=x}; may be empty
 */
public record PgAddress(
    String host,
    int port,
    String database,
    String user,
    String password,
    String sslMode,
    String sslRootCert,
    String options) {

  /** The place in words for messages, without the password. */
  public String place() {
    return host + ":" + port + "/" + database + " as " + user;
  }

  /** Without the password: an address that lands in a log line gives nothing away. */
  @Override
  public String toString() {
    return place();
  }
}
