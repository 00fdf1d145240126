package io.noetl.tool.container;

import java.util.Map;

/**
 * A job that was started.
 *
 * @param labels as the cluster holds them
 */
record JobRef(String namespace, String name, String uid, Map<String, String> labels) {
  JobRef {
    labels = Map.copyOf(labels);
  }
}
