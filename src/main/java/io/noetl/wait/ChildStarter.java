package io.noetl.wait;

import io.noetl.catalog.Catalog;
import io.noetl.catalog.CatalogEntry;
import io.noetl.execution.Awaited.Child;
import io.noetl.execution.ExecutionIntent;
import io.noetl.execution.ExecutionSettings;
import io.noetl.journal.Definitions;
import io.noetl.journal.IntentHandler;
import io.noetl.journal.IntentReply;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Starts children under the ids that their parents' decisions have given them. */
final class ChildStarter {
  private final Catalog catalog;
  private final Definitions definitions;
  private final IntentHandler intents;
  private final ChildAdmission admission;
  private final ExecutionSettings settings;

  ChildStarter(
      Catalog catalog,
      Definitions definitions,
      IntentHandler intents,
      ChildAdmission admission,
      ExecutionSettings settings) {
    this.catalog = catalog;
    this.definitions = definitions;
    this.intents = intents;
    this.admission = admission;
    this.settings = settings;
  }

  /** What became of an attempt. */
  sealed interface Attempt {}

  /** It runs, now or since before. */
  record Begun() implements Attempt {}

  /** It can never run. */
  record Refused(String sentence) implements Attempt {}

  /** Nobody waits for it any more. */
  record Unwanted() implements Attempt {}

  /** The server is busy: later. */
  record Later() implements Attempt {}

  Attempt start(String tenantId, long parentId, long waitId, Child child) {
    String tooDeep = admission.refusal(parentId);
    if (tooDeep != null) {
      return new Refused(tooDeep);
    }
    Optional<CatalogEntry> found = find(tenantId, child);
    if (found.isEmpty()) {
      return new Refused(missing(tenantId, child));
    }
    CatalogEntry entry = found.get();
    String refusal = refusal(entry);
    if (refusal != null) {
      return new Refused(refusal);
    }
    IntentReply reply =
        intents.handle(
            tenantId,
            child.executionId(),
            new ExecutionIntent.Start(
                entry.catalogId(),
                entry.path(),
                entry.version(),
                child.payload(),
                parentId,
                waitId,
                child.pool(),
                settings));
    return switch (reply) {
      case IntentReply.Accepted _, IntentReply.Duplicate _ -> new Begun();
      case IntentReply.Rejected _ -> new Unwanted();
      case IntentReply.Busy _ -> new Later();
    };
  }

  private Optional<CatalogEntry> find(String tenantId, Child child) {
    Long id = child.catalogId();
    String path = child.path();
    return id != null
        ? catalog.headById(tenantId, id)
        : catalog.headByPath(tenantId, String.valueOf(path), child.version());
  }

  private String missing(String tenantId, Child child) {
    String path = child.path();
    if (path != null && child.version() == null && catalog.knows(tenantId, path)) {
      return "every version of " + path + " is archived";
    }
    return child.name()
        + (child.version() == null ? "" : " version " + child.version())
        + " not found in the catalog";
  }

  private @Nullable String refusal(CatalogEntry entry) {
    if (!entry.kind().equals(CatalogEntry.PLAYBOOK)) {
      return "Expected " + entry.path() + " to be a Playbook, but it is a " + entry.kind();
    }
    if (entry.archived()) {
      return entry.path() + " version " + entry.version() + " is archived; restore it first";
    }
    try {
      // Parsed here and not on the lane that decides for many.
      definitions.get(entry.catalogId());
      return null;
    } catch (IllegalStateException e) {
      return String.valueOf(e.getMessage());
    }
  }
}
