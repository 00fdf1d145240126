/**
 * All settings of the process: one record per component with its defaults and its checks, and the
 * loader that fills them from a properties file, the environment and flags, later ones winning.
 *
 * <p>A key is written once, in {@code from} of its record, with default, unit and meaning; the
 * table of all keys and {@code print-config} are made from that. {@code server.public-url} is
 * {@code NOETL_SERVER_PUBLIC_URL} in the environment. Nothing is guessed: an unknown key, an
 * unknown {@code NOETL_*} variable and a bad value stop the start, all of them in one message.
 *
 * <p>The only package that reads the environment. May import nothing of this project.
 */
@NullMarked
package io.noetl.config;

import org.jspecify.annotations.NullMarked;
