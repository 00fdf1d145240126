package io.noetl.mode;

import io.noetl.config.PolicyConfig;
import io.noetl.policy.PolicyLimits;
import io.noetl.policy.compiled.Compilations;
import io.noetl.policy.compiled.Policies;
import io.noetl.policy.compiled.PolicyKeeper;
import io.noetl.policy.compiled.PolicyMetrics;
import io.noetl.policy.compiled.PolicySettings;
import io.noetl.policy.compiled.PolicySources;
import io.noetl.postgres.Database;
import io.noetl.query.Executions;
import java.util.function.LongSupplier;

/** What a server has policies compiled with, and decides by. */
final class PolicyParts {
  private final Node node;
  private final Policies policies;
  private final PolicyMetrics metrics;

  PolicyParts(Node node) {
    this.node = node;
    this.policies = new Policies(settings(node.config().policy()), node.clock());
    this.metrics = new PolicyMetrics(node.metrics().registry());
  }

  private static PolicySettings settings(PolicyConfig config) {
    return new PolicySettings(
        config.poll(),
        config.refresh(),
        config.deadline(),
        config.retry(),
        config.maxAge(),
        switch (config.whenStale()) {
          case DENY -> PolicySettings.WhenStale.DENY;
          case BUILT_IN -> PolicySettings.WhenStale.BUILT_IN;
        },
        Math.toIntExact(config.maxSourceBytes()),
        new PolicyLimits(Math.toIntExact(config.maxBytes()), config.maxRules()));
  }

  Policies policies() {
    return policies;
  }

  PolicyMetrics metrics() {
    return metrics;
  }

  PolicySources sources(Database database) {
    return new PolicySources(database, policies.settings());
  }

  /** Starts before the API: no request is served without the policy that held before. */
  PolicyKeeper keeper(Database database, Decisions decisions, LongSupplier ids) {
    return new PolicyKeeper(
        database,
        new Compilations(
            decisions.catalog(),
            decisions.definitions(),
            decisions.intents(),
            decisions.cascade(),
            new Executions(database),
            decisions.vault(),
            ServerParts.executionSettings(node.config())),
        policies,
        ids,
        metrics,
        node.readiness()::note,
        node.loop("policies", policies.settings().poll().multipliedBy(3).plusSeconds(30)));
  }
}
