package io.noetl.tool.sequence;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One ctx variable to be made durable.
 *
 * @param path name of the variable, then names of members inside it; maps on the way are made, and
 *     a value there that is no map is replaced
 */
public record CtxWrite(List<String> path, @Nullable Object value) {
  public CtxWrite {
    path = List.copyOf(path);
    if (path.isEmpty()) {
      throw new IllegalArgumentException("Expected a variable's name in a write, but got none");
    }
  }
}
