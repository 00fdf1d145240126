package io.noetl.journal;

import io.noetl.execution.ExecutionEvent;
import io.noetl.execution.ExecutionEvent.Recorded;
import io.noetl.json.Json;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What an event costs between a decision and its row. {@code ./noetl jmh CodecBench} runs it. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class CodecBench {
  private final ExecutionEvent event =
      new Recorded(
          "bench.measured",
          Map.of(
              "payload", Map.of("n", 20L, "text", "a reading of some instrument, as long as most"),
              "items", List.of(1L, 2L, 3L)),
          1_234_567L,
          null);
  private final String type = EventCodec.type(event);
  private final String text = Json.text(EventCodec.encode(event));

  @Benchmark
  public String encodeAnEvent() {
    return Json.text(EventCodec.encode(event));
  }

  @Benchmark
  public ExecutionEvent decodeAnEvent() {
    return EventCodec.decode(type, Json.parseObject(text));
  }

  @Benchmark
  public Map<String, @Nullable Object> parseItsJson() {
    return Json.parseObject(text);
  }
}
