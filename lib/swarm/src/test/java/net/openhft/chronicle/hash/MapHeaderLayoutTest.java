package net.openhft.chronicle.hash;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.util.Random;
import net.openhft.chronicle.bytes.Byteable;
import net.openhft.chronicle.bytes.BytesStore;
import net.openhft.chronicle.values.ValueModel;
import net.openhft.chronicle.values.Values;
import net.openhft.compiler.CompilerUtils;
import org.junit.jupiter.api.Test;

/** Our view of the header of a map file against the one that Chronicle would generate. */
final class MapHeaderLayoutTest {

  @Test
  void newNativeReference_always_isOurs() {
    assertThat(Values.newNativeReference(VanillaGlobalMutableState.class))
        .isInstanceOf(VanillaGlobalMutableState$$Native.class);
  }

  @Test
  void accessors_randomValues_agreeWithTheGeneratedClass() throws Exception {
    VanillaGlobalMutableState ours = new VanillaGlobalMutableState$$Native();
    VanillaGlobalMutableState theirs = generated();
    BytesStore<?, ?> store = BytesStore.wrap(new byte[64]);
    assertThat(((Byteable) ours).maxSize()).isEqualTo(((Byteable) theirs).maxSize());
    ((Byteable) ours).bytesStore(store, 5, ((Byteable) ours).maxSize());
    ((Byteable) theirs).bytesStore(store, 5, ((Byteable) theirs).maxSize());

    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 1_000; i++) {
      VanillaGlobalMutableState writer = random.nextBoolean() ? ours : theirs;
      writeOne(writer, random);
      assertThat(read(ours)).as("seed %d, step %d", seed, i).isEqualTo(read(theirs));
    }
  }

  private static void writeOne(VanillaGlobalMutableState state, Random random) {
    switch (random.nextInt(6)) {
      case 0 -> state.setAllocatedExtraTierBulks(random.nextInt(1 << 24));
      case 1 -> state.setFirstFreeTierIndex(random.nextLong(1L << 40));
      case 2 -> state.setExtraTiersInUse(random.nextLong(1L << 40));
      case 3 -> state.setSegmentHeadersOffset(random.nextLong(1L << 32));
      case 4 -> state.setDataStoreSize(random.nextLong(1L << 60));
      default -> state.addDataStoreSize(random.nextInt(1 << 20));
    }
  }

  private static String read(VanillaGlobalMutableState state) {
    return state.getAllocatedExtraTierBulks()
        + " "
        + state.getFirstFreeTierIndex()
        + " "
        + state.getExtraTiersInUse()
        + " "
        + state.getSegmentHeadersOffset()
        + " "
        + state.getDataStoreSize();
  }

  /** What Chronicle Values makes of the interface, under another name. */
  private static VanillaGlobalMutableState generated() throws Exception {
    String name = "GeneratedMapHeader";
    Method generate =
        Class.forName("net.openhft.chronicle.values.Generators")
            .getDeclaredMethod("generateNativeClass", ValueModel.class, String.class);
    generate.setAccessible(true);
    String source =
        (String) generate.invoke(null, ValueModel.acquire(VanillaGlobalMutableState.class), name);
    Class<?> type =
        CompilerUtils.CACHED_COMPILER.loadFromJava(
            MapHeaderLayoutTest.class.getClassLoader(),
            VanillaGlobalMutableState.class.getPackageName() + "." + name,
            source.replace("VanillaGlobalMutableState$$Native", name));
    return (VanillaGlobalMutableState) type.getDeclaredConstructor().newInstance();
  }
}
