package io.noetl.tool.container;

import java.nio.file.Path;
import java.util.Optional;

/** How the cluster is reached. */
public sealed interface ClusterAccess {

  /** From inside, with the account that the cluster gives this worker's pod. */
  record InCluster() implements ClusterAccess {}

  /**
   * With the address and the account that a file tells.
   *
   * @param file as kubectl reads it
   * @param context of the file; empty = its current one
   */
  record Kubeconfig(Path file, Optional<String> context) implements ClusterAccess {}
}
