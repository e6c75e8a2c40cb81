package dev.headlamp.hooks;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Timer;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/** What the library modules may use: of one another, and of the machine they run on. */
class HouseRulesTest {

  private static final JavaClasses LIBRARY =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(
              "dev.headlamp.weights",
              "dev.headlamp.tokenizer",
              "dev.headlamp.engine",
              "dev.headlamp.hooks");

  @Test
  void importsGoOneWay() {
    assertUsesNone("tokenizer", "weights", "engine", "hooks", "experiments");
    assertUsesNone("weights", "tokenizer", "engine", "hooks", "experiments");
    assertUsesNone("engine", "tokenizer", "hooks", "experiments");
    assertUsesNone("hooks", "experiments");
  }

  private static void assertUsesNone(String module, String... others) {
    for (String other : others) {
      noClasses()
          .that()
          .resideInAPackage(packages(module))
          .should()
          .dependOnClassesThat()
          .resideInAPackage(packages(other))
          .check(LIBRARY);
    }
  }

  private static String packages(String module) {
    return "dev.headlamp." + module + "..";
  }

  @Test
  void modelsAreFoundByTheFrontDoorAlone() {
    noClasses()
        .that()
        .resideInAPackage("dev.headlamp.hooks")
        .and()
        .doNotBelongToAnyOf(HookedGpt2.class, LoadOptions.class)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(packages("weights"))
        .check(LIBRARY);
  }

  @Test
  void theLibraryPrintsNothing() {
    NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS.check(LIBRARY);
  }

  @Test
  void onlyTheHubReadsTheEnvironment() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.headlamp.weights.hub")
        .should()
        .callMethod(System.class, "getenv")
        .orShould()
        .callMethod(System.class, "getenv", String.class)
        .check(LIBRARY);
  }

  @Test
  void theLibraryStartsNoThreads() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(Timer.class, ExecutorService.class, Executors.class)
        .orShould()
        .callMethod(Thread.class, "start")
        .check(LIBRARY);
  }

  @Test
  void nativeLibrariesAreCalledByThoseWhoMultiplyAndByMappedMemory() {
    noClasses()
        .that()
        .haveNameNotMatching(
            "dev\\.headlamp\\.(weights\\.ArrayMemory|engine\\.(HeadMatrices|JoinedWeights|OpenBlas|OneDnn.*|PackedWeight))(\\$.*)?")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.bytedeco..")
        .check(LIBRARY);
  }

  @Test
  void testsAreWrittenForJunit5() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.junit", "junit..")
        .check(new ClassFileImporter().importPackages("dev.headlamp"));
  }
}
