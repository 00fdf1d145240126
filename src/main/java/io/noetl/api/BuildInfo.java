package io.noetl.api;

/** What is running: version and commit of the jar, and the newest migration it brings. */
public record BuildInfo(String version, String commit, String schemaVersion) {}
