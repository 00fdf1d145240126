package io.noetl.config;

/**
 * A value as somebody wrote it.
 *
 * @param text the value
 * @param source {@code file}, {@code environment} or {@code flag}, and the name used there
 */
record Setting(String text, String source) {}
