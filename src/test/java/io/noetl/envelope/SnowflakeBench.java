package io.noetl.envelope;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/** What an id costs. {@code ./noetl jmh SnowflakeBench} runs it. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class SnowflakeBench {
  /** What one millisecond has for one machine. */
  private static final int IDS_PER_MS = 4096;

  private final Snowflake ids = new Snowflake(7, this::clock);
  private long readings;

  /**
   * The machine's clock, hastened by the ids that were minted: a loop that does nothing else mints
   * more than a clock allows for, and would be refused after some hundred milliseconds. The caller
   * holds the lock of the ids.
   */
  private long clock() {
    return System.currentTimeMillis() + readings++ / IDS_PER_MS;
  }

  @Benchmark
  public long mintAnId() {
    return ids.next();
  }

  /** Two threads and one lock. */
  @Benchmark
  @Threads(2)
  public long mintAnIdBesideAnother() {
    return ids.next();
  }
}
