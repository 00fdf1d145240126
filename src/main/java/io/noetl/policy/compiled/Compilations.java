package io.noetl.policy.compiled;

import io.noetl.catalog.Catalog;
import io.noetl.catalog.CatalogEntry;
import io.noetl.execution.Awaited.Until;
import io.noetl.execution.ChildOutcome;
import io.noetl.execution.ExecutionIntent;
import io.noetl.execution.ExecutionSettings;
import io.noetl.execution.ExecutionState;
import io.noetl.journal.Definitions;
import io.noetl.journal.IntentHandler;
import io.noetl.journal.IntentReply;
import io.noetl.json.Json;
import io.noetl.json.JsonException;
import io.noetl.playbook.template.TemplateException;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.References;
import io.noetl.query.ExecutionRow;
import io.noetl.query.Executions;
import io.noetl.result.StoredResults;
import io.noetl.wait.Cascade;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Compilations as executions of playbooks. Safe for use by many threads; throws what the database
 * and the journal throw.
 */
public final class Compilations {
  /** Whose executions they are, and who has the playbooks: the installation itself. */
  public static final String TENANT = "noetl-system";

  private final Catalog catalog;
  private final Definitions definitions;
  private final IntentHandler intents;
  private final Cascade cascade;
  private final Executions executions;
  private final StoredResults results;
  private final ExecutionSettings semantics;

  /**
   * @param semantics of the executions
   */
  public Compilations(
      Catalog catalog,
      Definitions definitions,
      IntentHandler intents,
      Cascade cascade,
      Executions executions,
      StoredResults results,
      ExecutionSettings semantics) {
    this.catalog = catalog;
    this.definitions = definitions;
    this.intents = intents;
    this.cascade = cascade;
    this.executions = executions;
    this.results = results;
    this.semantics = semantics;
  }

  /** What a compilation came to. */
  sealed interface State {}

  /** It goes on, or has not been seen yet. */
  record Running() implements State {}

  /**
   * It has ended well.
   *
   * @param document of which nothing has been looked at
   */
  record Ended(String document) implements State {}

  record Failed(String sentence) implements State {}

  /** The newest version of the playbook; null when there is none. */
  @Nullable Integer compiler(Part part) {
    return catalog
        .headByPath(TENANT, part.playbook(), null)
        .map(CatalogEntry::version)
        .orElse(null);
  }

  /**
   * Starts a compilation under this id.
   *
   * @return why it cannot be; null when it runs
   */
  @Nullable String start(Part part, long executionId, String source) {
    Optional<CatalogEntry> found = catalog.headByPath(TENANT, part.playbook(), null);
    if (found.isEmpty()) {
      return "Expected a playbook "
          + part.playbook()
          + " of tenant "
          + TENANT
          + ", but there is none; noetl plugin install-system registers it";
    }
    CatalogEntry entry = found.get();
    if (!entry.kind().equals(CatalogEntry.PLAYBOOK)) {
      return "Expected " + entry.path() + " to be a Playbook, but it is a " + entry.kind();
    }
    Map<String, @Nullable Object> payload = new LinkedHashMap<>();
    try {
      payload.put("source", Json.parseObject(source));
      // Parsed here and not on the lane that decides for many.
      definitions.get(entry.catalogId());
    } catch (JsonException | IllegalStateException e) {
      return String.valueOf(e.getMessage());
    }
    IntentReply reply =
        intents.handle(
            TENANT,
            executionId,
            new ExecutionIntent.Start(
                entry.catalogId(),
                entry.path(),
                entry.version(),
                payload,
                null,
                null,
                null,
                semantics));
    return switch (reply) {
      case IntentReply.Accepted _, IntentReply.Duplicate _ -> null;
      case IntentReply.Rejected rejected -> rejected.sentence();
      case IntentReply.Busy busy -> busy.sentence();
    };
  }

  /**
   * What has become of it.
   *
   * @param mostBytes of the document
   */
  State look(long executionId, int mostBytes) {
    Optional<ExecutionRow> row = executions.find(TENANT, executionId);
    if (row.isEmpty() || !row.get().status().terminal()) {
      return new Running();
    }
    ExecutionState state = intents.state(executionId);
    if (!state.status().terminal()) {
      return new Running();
    }
    Outcome outcome =
        ChildOutcome.of(
            Until.RESULT,
            null,
            state,
            definitions.get(state.begun().catalogId()).playbook(),
            results.of(TENANT));
    if (outcome.status() != Outcome.Status.SUCCESS) {
      Map<String, @Nullable Object> error = outcome.error();
      return new Failed(
          error == null ? "it ended as " + state.status() : String.valueOf(error.get("message")));
    }
    Map<String, @Nullable Object> reference = outcome.reference();
    if (References.elsewhere(outcome)
        && reference != null
        && reference.get(References.BYTES) instanceof Number bytes
        && bytes.longValue() > mostBytes) {
      return new Failed(
          "Expected a document of at most "
              + mostBytes
              + " bytes (policy.max-bytes), but got "
              + bytes);
    }
    try {
      return new Ended(Json.text(References.data(outcome, results.of(TENANT))));
    } catch (TemplateException e) {
      return new Failed(String.valueOf(e.getMessage()));
    }
  }

  /** Ends one that takes too long. */
  void cancel(long executionId, String reason) {
    if (executions.find(TENANT, executionId).isEmpty()) {
      return;
    }
    if (intents.handle(TENANT, executionId, new ExecutionIntent.Cancel(reason))
        instanceof IntentReply.Accepted) {
      cascade.cancelChildren(TENANT, executionId, reason);
    }
  }
}
