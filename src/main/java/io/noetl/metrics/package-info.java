/**
 * The registry in which every component's meters are, and its text for Prometheus. The meters
 * themselves are made by the {@code XMetrics} class beside each component.
 *
 * <p>A component counts; a scrape reads all of it. Nothing may fail in between, and nothing blocks:
 * gauges read memory, never the database. Every name stands in docs/metrics.md; tags come from
 * closed sets, never from ids, and their series exist at 0 from the start.
 *
 * <p>May import {@code support} of this project.
 */
@NullMarked
package io.noetl.metrics;

import org.jspecify.annotations.NullMarked;
