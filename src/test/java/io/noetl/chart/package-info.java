/**
 * The Helm chart in {@code charts/noetl}: what it renders is what Kubernetes knows, what the
 * program wants, and what really starts. Helm itself runs in this JVM, as a native library.
 */
@NullMarked
package io.noetl.chart;

import org.jspecify.annotations.NullMarked;
