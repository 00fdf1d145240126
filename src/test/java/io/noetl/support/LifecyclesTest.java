package io.noetl.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class LifecyclesTest {
  private final List<String> said = new CopyOnWriteArrayList<>();
  private final Lifecycles parts = new Lifecycles(Duration.ofSeconds(10), Duration.ofSeconds(10));

  @Test
  void startsInOrderAndClosesInReverse() {
    parts.add("a", part("a"));
    parts.add("b", part("b"));

    parts.start();
    parts.close();
    parts.close();

    assertThat(said).containsExactly("start a", "start b", "close b", "close a");
  }

  @Test
  void closesWhatHasStartedWhenAPartCannotStart() {
    parts.add("a", part("a"));
    parts.add("b", failing("b", "no port", null));
    parts.add("c", part("c"));

    assertThatThrownBy(parts::start)
        .isInstanceOf(Lifecycles.LifecycleException.class)
        .hasMessage("b: no port")
        .cause()
        .isInstanceOf(IllegalStateException.class);

    assertThat(said).containsExactly("start a", "start b", "close b", "close a");
  }

  @Test
  void collectsTheFailuresOfClosing() {
    parts.add("a", failing("a", null, "a stuck"));
    parts.add("b", part("b"));
    parts.add("c", failing("c", null, "c stuck"));
    parts.start();

    assertThatThrownBy(parts::close)
        .hasMessage("2 parts did not close: c: c stuck; a: a stuck")
        .satisfies(e -> assertThat(e.getSuppressed()).hasSize(2));

    assertThat(said).endsWith("close c", "close b", "close a");
  }

  @Test
  void givesUpOnAPartThatHangsAndClosesTheOthers() {
    CountDownLatch never = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    parts.add("a", part("a"));
    parts.add(
        "b",
        new Lifecycle() {
          @Override
          public void start() {
            said.add("start b");
          }

          @Override
          public void close() {
            try {
              never.await();
            } catch (InterruptedException e) {
              interrupted.countDown();
            }
          }
        },
        Duration.ofMillis(20));
    parts.start();

    assertThatThrownBy(parts::close).hasMessageContaining("b: Expected to close within 20 ms");

    assertThat(said).endsWith("close a");
    assertThat(interrupted)
        .satisfies(latch -> assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue());
  }

  @Test
  void closingInterruptsThePartThatIsStarting() throws Exception {
    CountDownLatch waiting = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    parts.add("a", part("a"));
    parts.add(
        "b",
        new Lifecycle() {
          @Override
          public void start() {
            waiting.countDown();
            try {
              never.await();
            } catch (InterruptedException e) {
              throw new IllegalStateException("interrupted", e);
            }
          }

          @Override
          public void close() {
            said.add("close b");
          }
        });
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread starter =
        Thread.ofVirtual().uncaughtExceptionHandler((_, e) -> failure.set(e)).start(parts::start);
    waiting.await();

    parts.close();

    starter.join();
    assertThat(failure.get()).hasMessage("b: interrupted");
    assertThat(said).containsExactly("start a", "close b", "close a");
  }

  private Lifecycle part(String name) {
    return failing(name, null, null);
  }

  private Lifecycle failing(String name, String onStart, String onClose) {
    return new Lifecycle() {
      @Override
      public void start() {
        said.add("start " + name);
        if (onStart != null) {
          throw new IllegalStateException(onStart);
        }
      }

      @Override
      public void close() {
        said.add("close " + name);
        if (onClose != null) {
          throw new IllegalStateException(onClose);
        }
      }
    };
  }
}
