package io.noetl.cli;

/** For whom a command writes. */
enum OutputFormat {
  /** People. */
  text,
  /** Programs: one JSON document on stdout, nothing else there. */
  json
}
