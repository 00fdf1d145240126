package io.noetl.api;

import io.noetl.admission.Admission;
import io.noetl.catalog.Catalog;
import io.noetl.catalog.PluginGrantStore;
import io.noetl.command.CommandLeases;
import io.noetl.credential.CredentialStore;
import io.noetl.credential.KeychainStore;
import io.noetl.execution.ExecutionSettings;
import io.noetl.execution.PoolChooser;
import io.noetl.journal.DedupKeys;
import io.noetl.journal.Definitions;
import io.noetl.journal.IntentHandler;
import io.noetl.policy.compiled.Policies;
import io.noetl.policy.compiled.PolicyMetrics;
import io.noetl.policy.compiled.PolicySources;
import io.noetl.query.CommandPages;
import io.noetl.query.EventPages;
import io.noetl.query.Executions;
import io.noetl.query.Outbox;
import io.noetl.registry.Runtimes;
import io.noetl.result.ResultStore;
import io.noetl.result.ResultUploads;
import io.noetl.result.StoredResults;
import io.noetl.schedule.Schedules;
import io.noetl.signature.SignaturePolicy;
import io.noetl.upkeep.Upkeep;
import io.noetl.verify.Doctor;
import io.noetl.wait.Cascade;
import io.noetl.wait.ChildAdmission;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What the routes are made of.
 *
 * @param intents decides; its {@code committed} hook must call {@link EventFeed#committed}
 * @param feed started and closed by whoever wires it
 * @param admission says whether new executions may start now; started and closed by whoever wires
 *     it
 * @param poolChoice the one that decides with, for what a start would need
 * @param settings semantics of executions that are started here
 * @param scrape the meters as Prometheus text
 * @param shardCount of this installation
 * @param ids mints ids of executions
 */
public record ApiParts(
    Catalog catalog,
    PluginGrantStore pluginGrants,
    SignaturePolicy signatures,
    Definitions definitions,
    IntentHandler intents,
    Cascade cascade,
    ChildAdmission children,
    Admission admission,
    PoolChooser poolChoice,
    Schedules schedules,
    DedupKeys dedupKeys,
    CommandLeases leases,
    CommandPages commands,
    Executions executions,
    EventPages events,
    EventFeed feed,
    Outbox outbox,
    ResultStore results,
    ResultUploads uploads,
    StoredResults vault,
    Runtimes runtimes,
    CredentialStore credentials,
    KeychainStore keychain,
    Upkeep upkeep,
    Doctor doctor,
    Policies policies,
    PolicySources policySources,
    PolicyMetrics policyMetrics,
    HealthSource health,
    BuildInfo build,
    ExecutionSettings settings,
    Supplier<String> scrape,
    ShardFunction shards,
    int shardCount,
    LongSupplier ids,
    InstantSource clock) {}
