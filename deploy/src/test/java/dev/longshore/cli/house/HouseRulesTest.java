package dev.longshore.cli.house;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.lang.foreign.Linker;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may depend on whom, over every module at once. */
class HouseRulesTest {
  private static final String OURS = "dev.longshore.";

  /** Written by protoc and by JMH: not ours to name or to annotate. */
  private static final List<String> GENERATED =
      List.of(
          "dev.longshore.swarm.tracker.proto", "dev.longshore.lazy.grpc.proto", ".jmh_generated");

  private static final Set<String> ALL_BUT_CLI =
      Set.of(
          "oci", "piece", "layer", "service", "swarm", "origin", "tracker", "seeder", "agent",
          "lazy");

  private static final Set<String> ALL =
      Set.of(
          "oci", "piece", "layer", "service", "swarm", "origin", "tracker", "seeder", "agent",
          "lazy", "bench");

  /** What each module may use of ours; one that is not named here may use nothing. */
  private static final Map<String, Set<String>> MAY_USE =
      Map.ofEntries(
          entry("oci", Set.of()),
          entry("service", Set.of()),
          entry("piece", Set.of("oci")),
          entry("layer", Set.of("oci")),
          entry("swarm", Set.of("oci", "piece", "service")),
          entry("origin", Set.of("oci", "piece", "layer", "service")),
          entry("tracker", Set.of("oci", "piece", "service", "swarm")),
          entry("seeder", Set.of("oci", "piece", "layer", "service", "swarm")),
          entry("agent", Set.of("oci", "piece", "layer", "service", "swarm")),
          entry("lazy", Set.of("oci", "layer", "service")),
          entry("bench", ALL_BUT_CLI),
          entry("cli", ALL));

  private static JavaClasses classes;

  @BeforeAll
  static void readEveryModule() {
    classes =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.longshore");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "oci", "service", "piece", "layer", "swarm", "origin", "tracker", "seeder", "agent", "lazy",
        "bench", "cli"
      })
  void module_dependsOnlyOn_whatTheDesignAllows(String module) {
    List<String> allowed = new ArrayList<>(List.of(OURS + module + ".."));
    MAY_USE.getOrDefault(module, Set.of()).forEach(used -> allowed.add(OURS + used + ".."));
    check(
        classes()
            .that()
            .resideInAPackage(OURS + module + "..")
            .should()
            .onlyDependOnClassesThat(
                DescribedPredicate.not(JavaClass.Predicates.resideInAPackage("dev.longshore.."))
                    .or(JavaClass.Predicates.resideInAnyPackage(allowed.toArray(String[]::new))))
            .as("module " + module + " uses only " + MAY_USE.get(module)));
  }

  @Test
  void everyModule_isNamedInTheRules() {
    assertThat(
            classes.stream()
                .map(c -> c.getPackageName().substring(OURS.length()).split("\\.", 2)[0]))
        .allMatch(MAY_USE::containsKey);
  }

  @ParameterizedTest
  @CsvSource({
    "net.openhft..,                 dev.longshore.swarm.store..",
    "io.grpc..,                     dev.longshore.swarm.tracker..|dev.longshore.lazy.grpc..",
    "com.google.protobuf..,         dev.longshore.swarm.tracker..|dev.longshore.lazy.grpc..",
    "dev.longshore.swarm.tracker.proto.., dev.longshore.swarm.tracker..",
    "dev.longshore.lazy.grpc.proto.., dev.longshore.lazy.grpc..",
    "org.jdbi..,                    dev.longshore.origin.metadata..",
    "org.sqlite..,                  dev.longshore.origin.metadata..",
    "java.sql..,                    dev.longshore.origin.metadata..",
    "io.netty.channel.epoll..,      dev.longshore.service.net..",
    "io.netty.channel.uring..,      dev.longshore.service.net..",
    "picocli..,                     dev.longshore.cli..",
  })
  void library_isUsedBy_itsHomesOnly(String library, String homes) {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackages(homes.split("\\|", -1))
            .and(areNotGenerated())
            .should()
            .dependOnClassesThat()
            .resideInAPackage(library)
            .as(library + " stays behind " + homes));
  }

  @Test
  void nativeCode_isCalledBy_onePackageOnly() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage("dev.longshore.lazy.kernel..")
            .should()
            .dependOnClassesThat(JavaClass.Predicates.type(Linker.class))
            .as("the C library stays behind dev.longshore.lazy.kernel"));
  }

  @Test
  void downloadEngine_hasNo_inputOutputThreadsOrClock() {
    check(
        noClasses()
            .that()
            .resideInAPackage("dev.longshore.swarm.engine..")
            .should()
            .dependOnClassesThat(
                JavaClass.Predicates.resideInAnyPackage(
                        "io.netty..", "java.net..", "java.nio.channels..", "java.util.concurrent..")
                    .and(DescribedPredicate.not(JavaClass.Predicates.type(TimeUnit.class))))
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .as("the download engine decides; sockets, threads and clocks are its callers'"));
  }

  @Test
  void imageModelAndPieceMaps_doNotKnow_netty() {
    check(
        noClasses()
            .that()
            .resideInAnyPackage("dev.longshore.oci..", "dev.longshore.piece..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.netty.."));
  }

  @Test
  void packages_haveNo_cycles() {
    check(slices().matching("dev.longshore.(**)").should().beFreeOfCycles());
  }

  @Test
  void types_areNamed_byWhatTheyAre() {
    check(
        noClasses()
            .that(areNotGenerated())
            .should()
            .haveNameMatching(".*(Utils?|Helpers?|Managers?|Impl)$"));
  }

  @Test
  void packages_areAll_nullMarked() {
    List<String> unmarked =
        classes.stream()
            .filter(areNotGenerated())
            .map(JavaClass::getPackage)
            .distinct()
            .filter(p -> p.tryGetPackageInfo().isEmpty() || !p.isAnnotatedWith(NullMarked.class))
            .map(JavaPackage::getName)
            .toList();

    assertThat(unmarked).as("packages without a @NullMarked package-info").isEmpty();
  }

  /** ArchUnit skips class files that it cannot read: a rule that must fail has to fail. */
  @Test
  void check_ruleThatDoesNotHold_fails() {
    ArchRule wrong =
        noClasses()
            .that()
            .resideInAPackage("dev.longshore.cli")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("picocli..");

    assertThatThrownBy(() -> check(wrong))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("dev.longshore.cli.Longshore");
  }

  private static DescribedPredicate<JavaClass> areNotGenerated() {
    return DescribedPredicate.describe(
        "are not generated",
        type -> GENERATED.stream().noneMatch(mark -> type.getPackageName().contains(mark)));
  }

  private static void check(ArchRule rule) {
    rule.allowEmptyShould(true).check(classes);
  }
}
