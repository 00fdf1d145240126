/**
 * The command line: teaches itself with {@code --help}, reads the settings, and either hands over
 * to a role or speaks to a server as a client.
 *
 * <p>{@code noetl run FILE} goes: read the file, find or start a server, register, execute, follow
 * the event stream, print the result, end with the code that scripts expect. Between the lines the
 * connection may break (it resumes after the last event it saw) and the person may press Ctrl-C.
 * Results go to stdout, everything else to stderr.
 *
 * <p>The only package, with {@code Main}, that knows {@code mode}, picocli and stdout.
 */
@NullMarked
package io.noetl.cli;

import org.jspecify.annotations.NullMarked;
