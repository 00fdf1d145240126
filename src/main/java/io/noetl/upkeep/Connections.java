package io.noetl.upkeep;

import io.noetl.postgres.Database;
import io.noetl.postgres.Database.Pool;
import io.noetl.postgres.PoolStatus;

/** How full the connection pools of this process are, all together. Safe for many threads. */
public final class Connections {
  private final Database database;

  public Connections(Database database) {
    this.database = database;
  }

  /**
   * @param min connections that are kept open
   * @param max most connections
   * @param size connections that are open
   * @param available of these, free ones
   * @param waiting requests that wait for one
   */
  public record Figures(int min, int max, int size, int available, int waiting) {
    /** Connections that could be had at once. */
    public int free() {
      return max - (size - available);
    }

    /** Share of the connections that are in use, from 0 to 1. */
    public double utilization() {
      return max == 0 ? 0 : (double) (size - available) / max;
    }
  }

  public Figures figures() {
    Figures sum = new Figures(0, 0, 0, 0, 0);
    for (Pool pool : Pool.values()) {
      PoolStatus status = database.status(pool);
      sum =
          new Figures(
              sum.min() + status.min(),
              sum.max() + status.max(),
              sum.size() + status.size(),
              sum.available() + status.available(),
              sum.waiting() + status.waiting());
    }
    return sum;
  }
}
