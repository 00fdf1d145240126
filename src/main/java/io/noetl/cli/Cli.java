package io.noetl.cli;

import io.noetl.mode.Roles;
import java.io.PrintWriter;

/**
 * What every command needs.
 *
 * @param out for results
 * @param err for everything else
 */
record Cli(Roles roles, PrintWriter out, PrintWriter err, Terminal terminal) {}
