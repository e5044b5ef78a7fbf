package dev.longshore.service.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class LoopBeatTest {
  private static final long MILLI = 1_000_000;

  private long now = -5;
  private final LoopBeat beat = new LoopBeat(() -> now);
  private final LoopBeat.Pauses pauses = beat.new Pauses();

  private void limit(long bytesPerSecond) {
    beat.limit(new RateLimit(bytesPerSecond));
  }

  /** Moves bytes for a tenth of a second, as a loop that wakes up once a millisecond does. */
  private void move(long received, long sent) {
    for (int i = 0; i < 100; i++) {
      now += MILLI;
      beat.received(received / 1_000);
      beat.sends(sent / 1_000);
      var _ = pauses.before();
      pauses.woken();
    }
  }

  private void move(long received) {
    move(received, 0);
  }

  @Test
  void before_atALimitOfTwentyMegabytesASecond_sleepsForTheLongestBeat() {
    limit(20_000_000);
    move(20_000_000, 50_000_000);
    assertThat(pauses.before()).isEqualTo(20 * MILLI);
  }

  @Test
  void before_atAHighLimit_sleepsUntilHalfAMebibyteHasCome() {
    limit(1_000_000_000);
    move(900_000_000);
    assertThat(pauses.before()).isBetween(MILLI / 2, MILLI * 6 / 10);
  }

  @Test
  void before_withoutALimit_neverSleeps() {
    for (long rate = 1_000_000; rate < 4_000_000_000L; rate *= 2) {
      move(rate);
      assertThat(pauses.before()).isZero();
    }
  }

  @Test
  void before_farBelowTheLimit_doesNotSleep() {
    limit(20_000_000);
    move(4_000_000);
    assertThat(pauses.before()).isZero();
  }

  @Test
  void before_aClientIsServedBesides_doesNotSleep() {
    limit(20_000_000);
    move(20_000_000, 100_000_000);
    assertThat(pauses.before()).isZero();
  }

  @Test
  void before_aTenthOfASecondWithoutBytes_doesNotSleepAnyMore() {
    limit(20_000_000);
    move(20_000_000);
    move(0);
    assertThat(pauses.before()).isZero();
  }

  @Test
  void before_busySinceTheLoopWoke_sleepsTheRestOfTheBeatOrNotAtAll() {
    limit(20_000_000);
    move(20_000_000);
    now += 15 * MILLI;
    assertThat(pauses.before()).isEqualTo(5 * MILLI);
    now += 5 * MILLI;
    assertThat(pauses.before()).isZero();
  }

  @Test
  void before_whileSomebodyReadsOnDemandAndForASecondAfter_doesNotSleep() {
    limit(20_000_000);
    move(20_000_000);
    beat.hurry(true);
    assertThat(pauses.before()).isZero();
    beat.hurry(false);
    for (int tenth = 0; tenth < 9; tenth++) {
      move(20_000_000);
      beat.hurry(false); // another download comes or goes
      assertThat(pauses.before()).isZero();
    }
    move(20_000_000);
    assertThat(pauses.before()).isEqualTo(20 * MILLI);
  }

  @Test
  void around_aLoopThatHasJustWoken_letsTasksAndTimersWaitForTheBeat() throws Exception {
    AtomicLong clock = new AtomicLong();
    LoopBeat real = new LoopBeat(clock::get);
    try (var group = new MultiThreadIoEventLoopGroup(1, real.around(NioIoHandler.newFactory()))) {
      EventLoop loop = group.next();
      loop.submit(() -> {}).get();
      real.limit(new RateLimit(20_000_000));
      real.received(2_000_000);
      clock.set(100 * MILLI); // stands still from now on: every beat is a whole one
      AtomicInteger ran = new AtomicInteger();
      long began = System.nanoTime();
      for (int i = 0; i < 5; i++) {
        loop.submit(ran::incrementAndGet).get();
      }
      loop.schedule(ran::incrementAndGet, 1, TimeUnit.MILLISECONDS).get();
      assertThat(ran).hasValue(6);
      // The first one finds the loop asleep for events, the second may find it about to pause.
      assertThat(System.nanoTime() - began).isGreaterThan(4 * 19 * MILLI);
    }
  }
}
