package dev.longshore.layer.erofs;

import static dev.longshore.layer.TestEntry.directory;
import static dev.longshore.layer.TestEntry.file;
import static dev.longshore.layer.TestEntry.link;
import static dev.longshore.layer.TestEntry.owned;
import static dev.longshore.layer.TestEntry.sparse;
import static dev.longshore.layer.TestEntry.symlink;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.layer.RawText;
import dev.longshore.layer.TestEntry;
import dev.longshore.layer.device.DeviceLayout;
import dev.longshore.layer.device.Placement;
import dev.longshore.layer.erofs.ImageReader.Node;
import dev.longshore.layer.tar.EntryType;
import dev.longshore.layer.tar.Segment;
import dev.longshore.layer.tar.TarEntry;
import dev.longshore.layer.tree.Attributes;
import dev.longshore.layer.tree.Inode;
import dev.longshore.layer.tree.LayerTree;
import dev.longshore.layer.tree.RefusedLayerException;
import java.io.ByteArrayOutputStream;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ErofsImageTest {
  private static final UUID ID = new UUID(0x0011223344556677L, 0x8899aabbccddeeffL);

  @Test
  void writeTo_emptyLayer_isOneBlockWithoutDevice() throws Exception {
    byte[] image = image(List.of());
    ImageReader reader = new ImageReader(image);

    assertThat(image).hasSize(4096);
    assertThat(reader.devices()).isZero();
    assertThat(reader.incompatible()).isEqualTo(0x4);
    assertThat(reader.inodes()).isEqualTo(1);
    assertThat(RawText.of(image).substring(1024 + 48, 1024 + 64))
        .isEqualTo("\u0000\u0011\"3DUfw\u0088\u0099\u00aa\u00bb\u00cc\u00dd\u00ee\u00ff");
    assertThat(reader.node(reader.rootNid()).names())
        .isEqualTo(Map.of(".", reader.rootNid(), "..", reader.rootNid()));
  }

  @Test
  void writeTo_filesWithData_areChunksOfOneDevice() throws Exception {
    ImageReader reader =
        new ImageReader(
            image(
                List.of(
                    file("empty"),
                    file("a", 512, 1),
                    file("b", 1024, 4097),
                    sparse("hole", 1L << 55, List.of()),
                    sparse("sparse", 1L << 40, List.of(new Segment(0, 9000, 1))))));

    assertThat(reader.incompatible()).isEqualTo(0x4 | 0x8);
    assertThat(reader.devices()).isEqualTo(1);
    assertThat(reader.deviceBlocks()).isEqualTo(3 + (1 << 16));
    assertThat(at(reader, "empty").chunks()).isEmpty();
    assertThat(at(reader, "a").chunks()).containsExactly(0L);
    assertThat(at(reader, "a").chunkBits()).isEqualTo(12);
    assertThat(at(reader, "b").chunks()).containsExactly(1L);
    assertThat(at(reader, "b").chunkBits()).isEqualTo(13);
    assertThat(at(reader, "hole").chunks()).hasSize(4096).containsOnly(Placement.HOLE);
    assertThat(at(reader, "hole").size()).isEqualTo(1L << 55);
    assertThat(at(reader, "sparse").chunks()).hasSize(4096).startsWith(3L, Placement.HOLE);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 170, 171, 338, 339, 340, 341, 342, 10_000, 100_000})
  void writeTo_directoryOfAnySize_hasEveryNameInOrder(int size) throws Exception {
    List<TarEntry> entries = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      entries.add(file("d/%012d".formatted(i)));
    }
    entries.add(directory("d"));

    assertReadsBack(entries);
  }

  /** 13 and 14 bytes for the dots, 15 times 267 and 64: 4096. */
  @ParameterizedTest
  @ValueSource(ints = {51, 52, 53})
  void writeTo_directoryAroundABlock_hasEveryName(int last) throws Exception {
    List<TarEntry> entries = new ArrayList<>();
    for (int i = 10; i < 25; i++) {
      entries.add(file("d/" + i + "n".repeat(253)));
    }
    entries.add(file("d/" + "z".repeat(last)));
    entries.add(directory("d"));

    ImageReader reader = new ImageReader(image(entries));
    assertThat(at(reader, "d").size()).isEqualTo(last > 52 ? 4096 + 65 : 4044 + last);
    assertReadsBack(entries);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 59, 60, 61, 2_800, 4_000, 4_031, 4_032, 4_033, 4_094, 4_095})
  void writeTo_symlinkOfAnyLength_hasItsTarget(int length) throws Exception {
    assertReadsBack(List.of(symlink("a", "x".repeat(length)), symlink("b", "y".repeat(length))));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 4, 4_000, 4_015, 4_016, 4_017, 8_000, 65_535})
  void writeTo_xattrsOfAnySize_areThere(int size) throws Exception {
    Map<String, String> xattrs = Map.of("user.a", "x".repeat(size));
    assertReadsBack(
        List.of(
            TestEntry.of("d", EntryType.DIRECTORY, 0755, "", xattrs),
            file("d/a", 0644, xattrs),
            TestEntry.of("p", EntryType.FIFO, 0644, "", Map.of("trusted.a", "x".repeat(size))),
            TestEntry.of(
                "l",
                EntryType.SYMLINK,
                0777,
                "t".repeat(50),
                Map.of("trusted.a", "x".repeat(size)))));
  }

  @Test
  void writeTo_namesAroundTheDots_areInTheOrderOfBytes() throws Exception {
    ImageReader reader =
        new ImageReader(
            image(List.of(file("!"), file("-"), file(".." + "."), file(".a"), file("\u00ff"))));

    assertThat(reader.node(reader.rootNid()).names().keySet())
        .containsExactly("!", "-", ".", "..", "...", ".a", "\u00ff");
  }

  @Test
  void writeTo_sameInput_givesTheSameBytes() throws Exception {
    List<TarEntry> entries = random(new Random(1), 300);

    assertThat(image(entries)).isEqualTo(image(new ArrayList<>(entries)));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void writeTo_anyTree_readsBackAsItIs(long seed) throws Exception {
    assertReadsBack(random(new Random(seed), 500));
  }

  /** Few names, so that entries replace, link to and lead through each other all the time. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void writeTo_anyMessOfEntries_isRefusedOrReadsBackAsItIs(long seed) throws Exception {
    Random random = new Random(seed);
    int made = 0;
    for (int round = 0; round < 2_000; round++) {
      List<TarEntry> entries = mess(random);
      try {
        LayerTree.of(entries);
      } catch (RefusedLayerException refused) {
        continue;
      }
      assertReadsBack(entries);
      made++;
    }
    assertThat(made).isBetween(100, 1_900);
  }

  private static List<TarEntry> mess(Random random) {
    List<TarEntry> entries = new ArrayList<>();
    for (int i = 1 + random.nextInt(12); i > 0; i--) {
      String path = path(random);
      entries.add(
          switch (random.nextInt(7)) {
            case 0 -> symlink(path, path(random));
            case 1 -> link(path, path(random));
            case 2, 3 -> directory(path);
            case 4 -> TestEntry.device(path, EntryType.CHARACTER_DEVICE, 0, 0);
            default -> file(path);
          });
    }
    return entries;
  }

  private static String path(Random random) {
    List<String> names = List.of("a", "a", "b", "b", "c", ".", "", ".wh.a", ".wh..wh..opq", "..");
    StringBuilder path = new StringBuilder(names.get(random.nextInt(3)));
    for (int i = random.nextInt(3); i > 0; i--) {
      path.append('/').append(names.get(random.nextInt(names.size())));
    }
    return path.toString();
  }

  private static List<TarEntry> random(Random random, int count) {
    List<TarEntry> entries = new ArrayList<>();
    List<String> folders = new ArrayList<>(List.of("", "folder/"));
    List<String> names = new ArrayList<>();
    entries.add(directory("folder"));
    for (int i = 0; i < count; i++) {
      String name = folders.get(random.nextInt(folders.size())) + i + letters(random, 240);
      Map<String, String> xattrs = new HashMap<>();
      while (random.nextInt(4) == 0) {
        xattrs.put("trusted.x" + letters(random, 200), letters(random, 3_000));
      }
      switch (random.nextInt(8)) {
        case 0 -> {
          entries.add(TestEntry.of(name, EntryType.DIRECTORY, 01777, "", xattrs));
          folders.add(name + "/");
        }
        case 1 ->
            entries.add(
                TestEntry.of(name, EntryType.SYMLINK, 0777, "t" + letters(random, 4_000), xattrs));
        case 2 -> entries.add(TestEntry.device(name, EntryType.BLOCK_DEVICE, i, i * 2_000));
        case 3 -> entries.add(owned(name, EntryType.FIFO, 0, i, (1L << 32) - 1 - i, -1L << i, i));
        case 4 -> entries.add(names.isEmpty() ? file(name) : link(name, names.getFirst()));
        case 5 -> entries.add(sparse(name, 1 + random.nextLong(1L << 40), List.of()));
        default -> entries.add(file(name, 512L * i, 1 + random.nextInt(10_000)));
      }
      if (entries.getLast().type() == EntryType.FILE) {
        names.add(name);
      }
    }
    return entries;
  }

  private static String letters(Random random, int most) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(most); i > 0; i--) {
      text.append((char) ('0' + random.nextInt(200)));
    }
    return text.toString();
  }

  private static void assertReadsBack(List<TarEntry> entries) throws Exception {
    DeviceLayout layout = DeviceLayout.of(entries);
    LayerTree tree = LayerTree.of(entries);
    ImageReader reader = new ImageReader(image(entries));
    assertThat(reader.inodes()).isEqualTo(tree.inodes().size());
    Map<Long, Inode> seen = new HashMap<>();
    compare(tree.root(), reader.rootNid(), reader, layout, seen);
    assertThat(seen).hasSize(tree.inodes().size());
  }

  private static void compare(
      Inode inode, long nid, ImageReader reader, DeviceLayout layout, Map<Long, Inode> seen) {
    if (seen.put(nid, inode) != null) {
      assertThat(inode.links()).isGreaterThan(1);
      return;
    }
    Node node = reader.node(nid);
    Attributes attributes = inode.attributes();
    assertThat(node.mode() & 07777).isEqualTo(attributes.mode());
    assertThat(node.links()).isEqualTo(inode.links());
    assertThat(node.uid()).isEqualTo(attributes.uid());
    assertThat(node.gid()).isEqualTo(attributes.gid());
    assertThat(node.seconds()).isEqualTo(attributes.seconds());
    assertThat(node.nanos()).isEqualTo(attributes.nanos());
    assertThat(node.xattrs()).isEqualTo(attributes.xattrs());
    assertThat(node.target()).isEqualTo(attributes.target());
    switch (inode.kind()) {
      case FILE -> {
        assertThat(node.is(0100000)).isTrue();
        assertThat(node.size()).isEqualTo(attributes.size());
        layout
            .placement(inode.entry())
            .ifPresent(placement -> {
              assertThat(node.chunks()).isEqualTo(placement.blocks());
              assertThat(node.chunkBits()).isEqualTo(placement.chunkBits());
            });
      }
      case DIRECTORY -> compareChildren(inode, node, reader, layout, seen);
      case SYMLINK -> assertThat(node.is(0120000)).isTrue();
      case CHARACTER_DEVICE, BLOCK_DEVICE -> {
        assertThat(node.device() >>> 8 & 0xfff).isEqualTo(attributes.major());
        assertThat((node.device() & 0xff) | (node.device() >>> 12 & ~0xff))
            .isEqualTo(attributes.minor());
      }
      case FIFO -> assertThat(node.is(0010000)).isTrue();
    }
  }

  private static void compareChildren(
      Inode inode, Node node, ImageReader reader, DeviceLayout layout, Map<Long, Inode> seen) {
    Map<String, Long> names = new HashMap<>(node.names());
    assertThat(names.remove(".")).isEqualTo(node.nid());
    assertThat(seen.get(names.remove(".."))).isSameAs(inode.parent());
    assertThat(names.keySet()).isEqualTo(inode.children().keySet());
    inode
        .children()
        .forEach(
            (name, child) -> compare(child, requireNonNull(names.get(name)), reader, layout, seen));
  }

  private static Node at(ImageReader reader, String name) {
    return reader.node(requireNonNull(reader.node(reader.rootNid()).names().get(name)));
  }

  private static byte[] image(List<TarEntry> entries) throws Exception {
    ErofsImage image = ErofsImage.of(LayerTree.of(entries), DeviceLayout.of(entries), ID);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    image.writeTo(Channels.newChannel(bytes));
    assertThat(bytes.size()).isEqualTo(image.size());
    return bytes.toByteArray();
  }
}
