package io.noetl.result;

import io.noetl.execution.KnownData.Value;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Values at hand, the least recently used leaving first; bounded by the size of their JSON. What is
 * stored never changes, so nothing here goes stale. Thread-safe.
 */
final class ResultCache {
  private final long capacity;
  private final Map<Key, Entry> entries = new LinkedHashMap<>(64, 0.75f, true);
  private long bytes;

  ResultCache(long capacity) {
    this.capacity = capacity;
  }

  private record Key(String tenantId, String uri) {}

  private record Entry(Value value, long bytes) {}

  synchronized @Nullable Value get(String tenantId, String uri) {
    Entry entry = entries.get(new Key(tenantId, uri));
    return entry == null ? null : entry.value();
  }

  synchronized void put(String tenantId, String uri, Value value, long size) {
    if (size > capacity) {
      return;
    }
    Entry old = entries.put(new Key(tenantId, uri), new Entry(value, size));
    bytes += size - (old == null ? 0 : old.bytes());
    Iterator<Entry> eldest = entries.values().iterator();
    while (bytes > capacity && eldest.hasNext()) {
      bytes -= eldest.next().bytes();
      eldest.remove();
    }
  }

  /** JSON of what is at hand, in bytes. */
  synchronized long bytes() {
    return bytes;
  }
}
