package io.noetl.tool.container;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Secrets of a Kubernetes cluster, read with the account of this worker. Safe for use by many
 * threads; connects with the first call.
 */
public final class ClusterSecrets implements AutoCloseable {
  private final Optional<ClusterAccess> access;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable KubernetesCluster cluster;

  /**
   * @param access empty when there is no cluster ({@code kubernetes.access})
   */
  public ClusterSecrets(Optional<ClusterAccess> access) {
    this.access = access;
  }

  /** What became of it. */
  public sealed interface Read {}

  /**
   * @param members as text, by their names
   */
  public record Found(Map<String, String> members) implements Read {
    /** The names only: what they stand for is secret. */
    @Override
    public String toString() {
      return "Found[members=" + members.keySet() + "]";
    }
  }

  /** There is none, or it may not be read. */
  public record Refused(String sentence) implements Read {}

  /** The secret of this name. */
  public Read read(String namespace, String name) throws InterruptedException {
    if (access.isEmpty()) {
      return new Refused("this worker has no cluster (kubernetes.access)");
    }
    try {
      Map<String, String> encoded = cluster(access.get()).secret(namespace, name);
      if (encoded == null) {
        return new Refused("the cluster has no secret '" + namespace + "/" + name + "'");
      }
      Map<String, String> members = new LinkedHashMap<>();
      encoded.forEach(
          (member, value) ->
              members.put(
                  member, new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8)));
      return new Found(members);
    } catch (ClusterException e) {
      return new Refused(
          "the cluster did not give secret '" + namespace + "/" + name + "': " + e.getMessage());
    } catch (IllegalArgumentException e) {
      return new Refused("secret '" + namespace + "/" + name + "' is not base64");
    }
  }

  private KubernetesCluster cluster(ClusterAccess how)
      throws ClusterException, InterruptedException {
    lock.lockInterruptibly();
    try {
      KubernetesCluster known = cluster;
      if (known == null) {
        known = KubernetesCluster.open(how);
        cluster = known;
      }
      return known;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      KubernetesCluster known = cluster;
      cluster = null;
      if (known != null) {
        known.close();
      }
    } finally {
      lock.unlock();
    }
  }
}
