package io.noetl.catalog;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One version of one path.
 *
 * @param kind {@code Playbook}, {@code Plugin} or {@code Schedule}
 * @param content text as registered; for a plug-in its manifest as JSON; null when not asked for
 * @param digest SHA-256 of the content, or of the module
 * @param moduleDigest of the module that a plug-in runs; null for the rest
 * @param metaJson what is known about it, as JSON; null when nothing
 * @param archivedAt when it was taken out of use; null while it is in use
 */
public record CatalogEntry(
    long catalogId,
    String path,
    int version,
    String kind,
    String name,
    @Nullable String content,
    String digest,
    @Nullable String moduleDigest,
    @Nullable String metaJson,
    Instant createdAt,
    @Nullable Instant archivedAt) {

  public static final String PLAYBOOK = "Playbook";
  public static final String PLUGIN = "Plugin";
  public static final String SCHEDULE = "Schedule";

  public boolean archived() {
    return archivedAt != null;
  }
}
