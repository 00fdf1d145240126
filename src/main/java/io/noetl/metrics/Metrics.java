package io.noetl.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.noetl.support.Lifecycle;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/**
 * The meters of one process, each with the tag {@code role}, and the cheap ones about the JVM and
 * the process itself.
 *
 * <p>Safe for use by many threads.
 */
public final class Metrics implements Lifecycle {
  /** Media type of {@link #scrape}. */
  public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics collections = new JvmGcMetrics();

  /**
   * @param role the mode of the process, as on the command line
   */
  public Metrics(String role) {
    registry.config().commonTags("role", role);
  }

  /** Where components register their meters. */
  public MeterRegistry registry() {
    return registry;
  }

  /** Adds the meters about the JVM and the process. */
  @Override
  public void start() {
    new JvmMemoryMetrics().bindTo(registry);
    collections.bindTo(registry);
    new ClassLoaderMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    // The library's thread binder walks all threads at each scrape; two counts are enough.
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    Gauge.builder("jvm.threads.live", threads, ThreadMXBean::getThreadCount)
        .description("Platform threads")
        .register(registry);
    Gauge.builder("jvm.threads.peak", threads, ThreadMXBean::getPeakThreadCount)
        .description("Most platform threads at once")
        .register(registry);
  }

  /** All meters in Prometheus' text format. */
  public String scrape() {
    return registry.scrape();
  }

  @Override
  public void close() {
    collections.close();
    registry.close();
  }
}
