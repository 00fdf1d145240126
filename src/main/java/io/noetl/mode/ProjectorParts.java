package io.noetl.mode;

import io.noetl.bus.Bus;
import io.noetl.bus.ConsumerSpec;
import io.noetl.config.ProjectorConfig;
import io.noetl.postgres.Database;
import io.noetl.projector.Projector;
import io.noetl.projector.ProjectorLimits;
import io.noetl.projector.ProjectorMetrics;
import io.noetl.support.Lifecycle;
import io.noetl.support.Lifecycles;

/** A projector for each shard that this process writes. */
final class ProjectorParts {
  private ProjectorParts() {}

  static Lifecycle projectors(Node node, Database database, Bus bus) {
    ProjectorConfig config = node.config().projector();
    ProjectorMetrics metrics = new ProjectorMetrics(node.metrics().registry());
    Lifecycles shards = new Lifecycles();
    for (int shard : config.ownShards()) {
      shards.add(
          "projector " + shard,
          new Projector(
              ConsumerSpec.ofShard(shard, config.shardCount()),
              bus,
              database.dataSource(Database.Pool.BACKGROUND),
              new ProjectorLimits(config.batch(), config.linger()),
              metrics,
              node.loop("projector " + shard),
              node.clock()));
    }
    return shards;
  }
}
