package io.noetl.journal;

import java.sql.SQLException;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Who holds commands now, asked only after an append has met another fence than it expected. */
public interface CommandFences {
  /**
   * @return the holders of those commands that are claimed now, and the fences of those that were
   *     put aside
   */
  Map<Long, Holder> holders(Collection<Long> commandIds) throws SQLException;

  /**
   * The claim that is live on a command.
   *
   * @param workerId null when nobody holds it, because it was put aside
   */
  record Holder(long fence, @Nullable String workerId) {}
}
