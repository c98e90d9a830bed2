package io.barnabas.system.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The house rules hold for every module, and every rule finds the violation that was planted for it. */
class HouseRulesTest {
    private static final List<String> MODULES = List.of(
            "model",
            "runtime",
            "protocol-generator",
            "protocol",
            "log",
            "coordination",
            "consumer-coordinator",
            "broker",
            "tools",
            "benchmarks");

    private static JavaClasses house;
    private static JavaClasses planted;

    @BeforeAll
    static void look() {
        house = new ClassFileImporter()
                .importPaths(MODULES.stream()
                        .map(module -> Sources.root().resolve(module).resolve("target/classes"))
                        .filter(Files::isDirectory)
                        .toList());
        planted = new ClassFileImporter().importPackages("planted.barnabas");
    }

    private static Map<String, ArchRule> rules() {
        Map<String, ArchRule> rules = new TreeMap<>();
        rules.put("packages form no circle", HouseRules.packagesFormNoCircle());
        rules.put("model knows nobody", HouseRules.modelKnowsNobody());
        rules.put(
                "log does not know protocol, coordination or broker",
                HouseRules.middleModulesDoNotKnowEachOther(
                        "log", "..barnabas.protocol..", "..barnabas.coordination..", "..barnabas.broker.."));
        rules.put(
                "protocol does not know log, coordination or broker",
                HouseRules.middleModulesDoNotKnowEachOther(
                        "protocol", "..barnabas.log..", "..barnabas.coordination..", "..barnabas.broker.."));
        rules.put(
                "coordination does not know log, protocol or broker",
                HouseRules.middleModulesDoNotKnowEachOther(
                        "coordination", "..barnabas.log..", "..barnabas.protocol..", "..barnabas.broker.."));
        rules.put(
                "consumer-coordinator does not know log, protocol, coordination or broker",
                HouseRules.middleModulesDoNotKnowEachOther(
                        "consumer.coordinator",
                        "..barnabas.log..",
                        "..barnabas.protocol..",
                        "..barnabas.coordination..",
                        "..barnabas.broker.."));
        rules.put("tools stand beside the broker", HouseRules.toolsStandBesideTheBroker());
        rules.put("Netty's channels only in broker.server", HouseRules.nettyChannelsOnlyInTheServer());
        rules.put("Netty's buffers only near the wire", HouseRules.nettyBuffersOnlyNearTheWire());
        rules.put("ZooKeeper and Curator only in coordination.zookeeper", HouseRules.zooKeeperOnlyInItsAdapters());
        rules.put("Kryo only in coordination.control", HouseRules.kryoOnlyInThePrivateWire());
        rules.put("Kafka's classes only in tools", HouseRules.kafkaOnlyInTools());
        rules.put("file channels only in log.storage", HouseRules.fileChannelsOnlyInStorage());
        rules.put("pure rooms do not act", HouseRules.pureRoomsDoNotAct());
        rules.put("only runtime.time asks for the time or sleeps", HouseRules.onlyTheClockAsksForTheTime());
        rules.put("names say something", HouseRules.namesSaySomething());
        return rules;
    }

    @Test
    @DisplayName("the import holds a class of every module, so that no rule passes over an empty house")
    void theWholeHouseIsSeen() {
        for (String module : MODULES) {
            String room = "io.barnabas." + module.replace('-', '.');
            assertThat(house.stream().anyMatch(c -> c.getPackageName().startsWith(room)))
                    .as("a class of %s was read", room)
                    .isTrue();
        }
    }

    @TestFactory
    @DisplayName("holds in the house")
    Stream<DynamicTest> everyRuleHolds() {
        return rules().entrySet().stream()
                .map(rule -> DynamicTest.dynamicTest(
                        rule.getKey(), () -> rule.getValue().check(house)));
    }

    @TestFactory
    @DisplayName("finds its planted violation")
    Stream<DynamicTest> everyRuleCanFail() {
        return rules().entrySet().stream()
                .filter(rule ->
                        !rule.getKey().startsWith("Kryo")) // no such library on the class path to violate it with
                .map(rule -> DynamicTest.dynamicTest(
                        rule.getKey(),
                        () -> assertThatThrownBy(() -> rule.getValue().check(planted))
                                .isInstanceOf(AssertionError.class)));
    }

    @Test
    @DisplayName("every package has its sign, package-info.java")
    void everyPackageHasItsSign() throws IOException {
        List<Path> unsigned = Sources.mainPackages().stream()
                .filter(directory -> !Files.exists(directory.resolve("package-info.java")))
                .toList();

        assertThat(unsigned).isEmpty();
    }
}
