package dev.sluice;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.smallrye.mutiny.Uni;
import java.time.Clock;
import java.time.Instant;

/** The arrows between the packages run one way. */
@AnalyzeClasses(packages = "dev.sluice", importOptions = ImportOption.DoNotIncludeTests.class)
class ArrowsTest {
    private static final String[] REDIS = {"io.vertx.redis..", "io.vertx.mutiny.redis..", "io.quarkus.redis.."};
    private static final String[] HTTP = {"io.vertx.core.http..", "io.vertx.ext.web..", "jakarta.ws.rs.."};

    @ArchTest
    static final ArchRule packagesDependOnlyOnThoseBehindThem = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("ingress")
            .definedBy("dev.sluice.ingress..")
            .layer("signature")
            .definedBy("dev.sluice.signature..")
            .layer("event")
            .definedBy("dev.sluice.event..")
            .layer("redis")
            .definedBy("dev.sluice.redis..")
            .layer("fleet")
            .definedBy("dev.sluice.fleet..")
            .layer("lane")
            .definedBy("dev.sluice.lane..")
            .layer("delivery")
            .definedBy("dev.sluice.delivery..")
            .layer("target")
            .definedBy("dev.sluice.target..")
            .layer("webhook")
            .definedBy("dev.sluice.webhook..")
            .layer("ops")
            .definedBy("dev.sluice.ops..")
            .layer("config")
            .definedBy("dev.sluice.config..")
            .layer("dev")
            .definedBy("dev.sluice.dev..")
            .layer("problem")
            .definedBy("dev.sluice.problem..")
            .layer("access")
            .definedBy("dev.sluice.access..")
            .whereLayer("ingress")
            .mayOnlyAccessLayers("signature", "event", "redis", "lane", "delivery", "problem")
            .whereLayer("delivery")
            .mayOnlyAccessLayers("signature", "event", "fleet", "lane", "target")
            .whereLayer("webhook")
            .mayOnlyAccessLayers(
                    "access", "signature", "event", "redis", "fleet", "lane", "delivery", "target", "problem")
            .whereLayer("ops")
            .mayOnlyAccessLayers("access", "event", "fleet", "lane", "delivery", "target", "problem")
            .whereLayer("access")
            .mayOnlyAccessLayers("event", "problem")
            .whereLayer("target")
            .mayOnlyAccessLayers("signature", "event", "redis", "fleet")
            .whereLayer("fleet")
            .mayOnlyAccessLayers("redis")
            .whereLayer("lane")
            .mayOnlyAccessLayers("event", "redis")
            .whereLayer("redis")
            .mayNotAccessAnyLayer()
            .whereLayer("signature")
            .mayNotAccessAnyLayer()
            .whereLayer("event")
            .mayNotAccessAnyLayer()
            .whereLayer("problem")
            .mayNotAccessAnyLayer()
            .whereLayer("ingress")
            .mayOnlyBeAccessedByLayers("config")
            .whereLayer("webhook")
            .mayOnlyBeAccessedByLayers("config")
            .whereLayer("config")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("dev")
            .mayNotBeAccessedByAnyLayer();

    @ArchTest
    static final ArchRule noCycles =
            slices().matching("dev.sluice.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule resultsAreSharedBySharedResult = noClasses()
            .should()
            .callMethod(Uni.class, "memoize")
            .because("its race with a subscriber on another thread makes a chain() run twice: see SharedResult");

    @ArchTest
    static final ArchRule onlyTheStoresSpeakRedis = noClasses()
            .that()
            .resideOutsideOfPackages(
                    "dev.sluice.redis..",
                    "dev.sluice.fleet..",
                    "dev.sluice.lane..",
                    "dev.sluice.target..",
                    "dev.sluice.webhook..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(REDIS);

    /** Gateways' clocks differ: the only one that lanes go by is Redis'. A lease's holder reckons with its own. */
    @ArchTest
    static final ArchRule lanesReadNoClock = noClasses()
            .that()
            .resideInAPackage("dev.sluice.lane..")
            .should()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .dependOnClassesThat()
            .belongToAnyOf(Instant.class, Clock.class);

    @ArchTest
    static final ArchRule lanesEventsAndSignaturesKnowNoHttp = noClasses()
            .that()
            .resideInAnyPackage(
                    "dev.sluice.lane..", "dev.sluice.event..", "dev.sluice.signature..", "dev.sluice.target..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(HTTP);
}
