package dev.longshore.swarm.tracker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.PeerId;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class AnnouncedBlobsTest {
  private final AnnouncedBlobs announced = new AnnouncedBlobs(3);
  private final JoinedBlob one = blob(1, true);
  private final JoinedBlob two = blob(2, false);
  private final JoinedBlob three = blob(3, true);
  private final JoinedBlob four = blob(4, false);

  private static JoinedBlob blob(int number, boolean whole) {
    JoinedBlob blob =
        new JoinedBlob(
            Digest.sha256(new byte[] {(byte) number}),
            List.of(),
            new SelfGrant(new PeerId(0, number), new Random(1)));
    blob.progress(whole ? 4 : 1, 4);
    return blob;
  }

  @Test
  void add_beyondTheMost_eldestThatIsWholeMakesWay() {
    assertThat(announced.add(two)).isNull();
    assertThat(announced.add(one)).isNull();
    assertThat(announced.add(three)).isNull();
    assertThat(announced.add(three)).as("once more").isNull();
    assertThat(announced.add(four)).isSameAs(one);
    assertThat(announced.contains(one)).isFalse();
    assertThat(announced.contains(two)).isTrue();
    assertThat(announced.leftOut()).isEqualTo(1);
  }

  @Test
  void add_allOthersAreBeingDownloaded_isLeftOut() {
    List.of(two, four, blob(5, false)).forEach(announced::add);
    assertThat(announced.add(three)).isNull();
    assertThat(announced.contains(three)).isFalse();
    three.progress(4, 4);
    two.progress(4, 4);
    assertThat(announced.add(three)).as("is asked for anew").isSameAs(two);
    assertThat(announced.contains(three)).isTrue();
  }

  @Test
  void remove_whileOthersAreLeftOut_youngestComesBack() {
    List.of(one, three, blob(5, true), four, two).forEach(announced::add);
    assertThat(announced.leftOut()).isEqualTo(2);
    assertThat(announced.remove(four)).isSameAs(three);
    assertThat(announced.remove(one)).as("had no place").isNull();
    assertThat(announced.remove(two)).as("nobody is left out").isNull();
  }
}
