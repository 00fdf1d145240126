package io.noetl.tool.sql;

/** How values are read that JSON cannot hold as they are. */
public enum Bytes {
  /** For a result: bytes as text in base64, documents as values. */
  JSON,
  /** For another database: bytes as a byte array, documents as {@code Json.Raw}. */
  RAW
}
