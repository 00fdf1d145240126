package io.noetl.mode;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.api.HealthSource.Check;
import io.noetl.support.Progress;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A process is ready again when what it lacked is back. */
final class ReadinessTest {
  @Test
  void isReadyAgainWhenAPartThatIsAskedHasNoTroubleAnyMore() {
    Readiness readiness = new Readiness("server", new Progress(System::nanoTime));
    AtomicReference<@Nullable String> trouble = new AtomicReference<>("no number");
    readiness.started();
    readiness.asks("machine number", trouble::get);

    assertThat(readiness.checks()).contains(new Check("machine number", false, "no number"));

    readiness.tells("publishes", () -> "another does, it stands by");
    trouble.set(null);
    assertThat(readiness.checks())
        .contains(new Check("publishes", true, "another does, it stands by"));
    assertThat(readiness.checks()).allMatch(Check::ok);
  }
}
