package io.noetl.bus;

import io.nats.client.JetStreamApiException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One puller of a durable consumer on NATS: keeps a line to it, and makes it anew when lost. */
final class NatsConsumer implements BusConsumer {

  private static final Logger LOG = System.getLogger(NatsConsumer.class.getName());
  private static final Duration FIRST_PAUSE = Duration.ofMillis(20);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

  private final NatsLink link;
  private final NatsStreams streams;
  private final ConsumerSpec spec;
  private final int maxPullBytes;
  private @Nullable ZonedDateTime madeAt;
  private volatile @Nullable NatsLine line;
  private volatile boolean closed;

  NatsConsumer(NatsLink link, NatsStreams streams, ConsumerSpec spec, int maxPullBytes) {
    this.link = link;
    this.streams = streams;
    this.spec = spec;
    this.maxPullBytes = maxPullBytes;
  }

  @Override
  public List<BusMessage> pull(int max, Duration maxWait) throws InterruptedException {
    Pulls.require(max, maxWait);
    if (closed) {
      throw Pulls.closed(spec);
    }
    long deadline = System.nanoTime() + maxWait.toNanos();
    Duration pause = FIRST_PAUSE;
    while (true) {
      BusUnavailable trouble = null;
      try {
        NatsLine current = line(link.await(deadline));
        List<BusMessage> got = current.pull(max, deadline);
        trouble = current.trouble();
        if (!got.isEmpty() || closed || (trouble == null && System.nanoTime() >= deadline)) {
          return got;
        }
      } catch (BusUnavailable e) {
        trouble = e;
      } catch (BusMisconfigured e) {
        link.state().error(e.getMessage());
        throw e;
      }
      if (closed) {
        return List.of();
      }
      if (trouble != null) {
        link.state().error(trouble.getMessage());
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          throw trouble;
        }
        TimeUnit.NANOSECONDS.sleep(Math.min(left, pause.toNanos()));
        pause = pause.multipliedBy(2);
        pause = pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    NatsLine open = line;
    if (open != null) {
      open.close();
    }
  }

  boolean isClosed() {
    return closed;
  }

  /** The line over this session; a new one if there is none or the old one is not to be trusted. */
  private NatsLine line(NatsSession session) {
    NatsLine old = line;
    if (old != null && old.isGood(session)) {
      return old;
    }
    if (old != null) {
      // Answers wait until it is known whether the consumer is still the one they were meant for.
      old.abandon();
    }
    ZonedDateTime made = ensureConsumer(session);
    if (old != null && made.equals(madeAt)) {
      old.allowAnswers();
    } else if (madeAt != null) {
      LOG.log(Level.WARNING, "consumer {0} was lost and is made again", spec.durable());
    }
    madeAt = made;
    NatsLine next = new NatsLine(session, link.state(), spec, maxPullBytes);
    line = next;
    if (closed) {
      next.close();
    }
    return next;
  }

  private ZonedDateTime ensureConsumer(NatsSession session) {
    String what = "consumer " + spec.durable() + " of " + spec.stream().wireName();
    try {
      try {
        return NatsConsumers.ensure(session.management(), spec);
      } catch (JetStreamApiException e) {
        if (e.getApiErrorCode() != NatsErrors.STREAM_NOT_FOUND) {
          throw e;
        }
        streams.ensure(session.management());
        return NatsConsumers.ensure(session.management(), spec);
      }
    } catch (JetStreamApiException e) {
      throw NatsErrors.ofManagement(what, e);
    } catch (IOException | IllegalStateException e) {
      // The latter is the library's word for a connection that has broken meanwhile.
      throw NatsErrors.ofManagement(what, e);
    }
  }
}
