package io.noetl.playbook.value;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Gives the data behind references to the templates that touch it. */
@FunctionalInterface
public interface DataSource {
  /** For outcomes whose data is all in them. */
  DataSource NONE =
      reference -> {
        throw new IllegalStateException(
            "Expected the data to be in the outcome, but it is at "
                + reference.get(References.URI));
      };

  /**
   * @param reference object that an outcome or a value carries
   * @return the whole data, a plain JSON value
   */
  @Nullable Object data(Map<String, @Nullable Object> reference);
}
