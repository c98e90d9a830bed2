package io.barnabas.system.tests;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.properties.HasName;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;

/** The rules of the house, over packages named {@code ..barnabas.room..}, so that the planted classes are seen like real ones. */
final class HouseRules {
    /** Rooms that decide and never act. */
    private static final String[] PURE_ROOMS = {
        "..barnabas.model..",
        "..barnabas.log.history..",
        "..barnabas.log.policy..",
        "..barnabas.coordination.controller..",
        "..barnabas.consumer.coordinator.group..",
        "..barnabas.consumer.coordinator.offsets..",
        "..barnabas.consumer.coordinator.journal..",
        "..barnabas.consumer.coordinator.assignor..",
        "..barnabas.consumer.coordinator.lag..",
        "..barnabas.broker.throttle..",
        "..barnabas.tools.placement.."
    };

    private HouseRules() {}

    static ArchRule packagesFormNoCircle() {
        return SlicesRuleDefinition.slices()
                .matching("..barnabas.(**)")
                .should()
                .beFreeOfCycles()
                .because("a circle of packages is one package");
    }

    static ArchRule modelKnowsNobody() {
        return noClasses()
                .that()
                .resideInAPackage("..barnabas.model..")
                .should()
                .dependOnClassesThat(resideInAPackage("..barnabas..").and(notIn("..barnabas.model..")));
    }

    static ArchRule middleModulesDoNotKnowEachOther(String module, String... others) {
        return noClasses()
                .that()
                .resideInAPackage("..barnabas." + module + "..")
                .should()
                .dependOnClassesThat(resideInAnyPackage(others));
    }

    static ArchRule toolsStandBesideTheBroker() {
        return noClasses()
                .that()
                .resideInAPackage("..barnabas.tools..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("..barnabas.broker..");
    }

    static ArchRule nettyChannelsOnlyInTheServer() {
        return noClasses()
                .that(notIn("..barnabas.broker.server..", "..barnabas.benchmarks.."))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.netty.channel..", "io.netty.bootstrap..", "io.netty.handler..");
    }

    static ArchRule nettyBuffersOnlyNearTheWire() {
        return noClasses()
                .that(notIn(
                        "..barnabas.broker.server..",
                        "..barnabas.broker.api..",
                        "..barnabas.protocol..",
                        "..barnabas.benchmarks.."))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.netty..");
    }

    static ArchRule zooKeeperOnlyInItsAdapters() {
        return noClasses()
                .that(notIn("..barnabas.coordination.zookeeper..", "..barnabas.benchmarks.."))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.curator..", "org.apache.zookeeper..");
    }

    static ArchRule kryoOnlyInThePrivateWire() {
        return noClasses()
                .that(notIn("..barnabas.coordination.control.."))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("com.esotericsoftware..");
    }

    static ArchRule kafkaOnlyInTools() {
        return noClasses()
                .that(notIn("..barnabas.tools..", "..barnabas.benchmarks.."))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.apache.kafka..");
    }

    /** The server's one adapter borrows the channel of a slice for Netty's sendfile. */
    static ArchRule fileChannelsOnlyInStorage() {
        return noClasses()
                .that(notIn("..barnabas.log.storage..", "..barnabas.benchmarks.."))
                .and()
                .doNotHaveSimpleName("SliceRegion")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.nio.channels.FileChannel");
    }

    static ArchRule pureRoomsDoNotAct() {
        return noClasses()
                .that(resideInAnyPackage(PURE_ROOMS).or(machines()))
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                        "java.nio.channels..", "java.nio.file..", "java.net..", "java.util.concurrent.."));
    }

    static ArchRule onlyTheClockAsksForTheTime() {
        return noClasses()
                .that(notIn("..barnabas.runtime.time..", "..barnabas.benchmarks..", "..barnabas.protocol.generator.."))
                .should()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(Thread.class, "sleep", long.class)
                .orShould()
                .callMethod(java.time.Instant.class, "now")
                .orShould()
                .callMethod(java.time.LocalDateTime.class, "now");
    }

    static ArchRule namesSaySomething() {
        return classes()
                .that()
                .resideInAPackage("..barnabas..")
                .should()
                .haveNameNotMatching(".*(Manager|Helper|Util|Utils|Impl)");
    }

    private static DescribedPredicate<JavaClass> machines() {
        return HasName.Predicates.nameMatching(".*barnabas\\.[a-z.]+\\.\\w+Machine")
                .forSubtype();
    }

    private static DescribedPredicate<JavaClass> notIn(String... packages) {
        return DescribedPredicate.not(resideInAnyPackage(packages));
    }
}
