package io.barnabas.system.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.barnabas.system.tests.Clients;
import io.barnabas.system.tests.LiveBroker;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;

/**
 * The image's entry point, the compose file, and the cluster that it describes: run as processes, by the very entry point and variables, for a
 * container engine is not everywhere.
 */
class DeploymentTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().endsWith("system-tests")
            ? Path.of("").toAbsolutePath().getParent()
            : Path.of("").toAbsolutePath();

    @TempDir
    Path directory;

    @Test
    @DisplayName(
            "KAFKA_ variables become keys as in Kafka's image, after the mounted file; the process's own are left out")
    void variables() throws Exception {
        Path home = home();
        Path launcher = Files.writeString(
                home.resolve("bin/barnabas"), "#!/usr/bin/env bash\ncat \"$2\"; shift 2; echo \"behind: $*\"\n");
        assertThat(launcher.toFile().setExecutable(true)).isTrue();
        Path mounted =
                Files.writeString(directory.resolve("mounted.properties"), "log.dirs=/mounted\nnum.partitions=3");

        Map<String, String> environment = new TreeMap<>(Map.of(
                "KAFKA_ZOOKEEPER_CONNECT", "zk1:2181,zk2:2181",
                "KAFKA_ODD_KEY__WITH___ALL", " blank \\ backslash",
                "KAFKA_HEAP_OPTS", "-Xmx1g",
                "BARNABAS_CONFIG", mounted.toString()));
        NodeProcess process = NodeProcess.start(
                List.of(home.resolve("container/entrypoint").toString(), "--override", "a=b"),
                environment,
                directory.resolve("output.txt"));

        assertThat(process.awaitExit()).as(process.output()).isZero();
        assertThat(process.output().lines().filter(line -> !line.isBlank()))
                .containsExactly(
                        "log.dirs=/mounted",
                        "num.partitions=3",
                        "odd.key_with-all=\\ blank \\\\ backslash",
                        "zookeeper.connect=zk1:2181,zk2:2181",
                        "behind: --override a=b");
    }

    @Test
    @DisplayName("a variable of two lines, and a named file that is missing, end the start with a sentence")
    void wrongVariables() throws Exception {
        Path home = home();
        for (Map<String, String> wrong : List.of(
                Map.of("KAFKA_BROKER_ID", "1\n2"),
                Map.of("BARNABAS_CONFIG", directory.resolve("missing").toString()))) {
            NodeProcess process = NodeProcess.start(
                    List.of(home.resolve("container/entrypoint").toString()), wrong, directory.resolve("output.txt"));

            assertThat(process.awaitExit()).isEqualTo(1);
            assertThat(process.output())
                    .startsWith("barnabas: ")
                    .contains(wrong.keySet().iterator().next());
        }
    }

    @Test
    @DisplayName("the compose file is sound: what a service names is there, brokers differ, and agree on the ensemble")
    void composeFile() throws Exception {
        Map<String, Object> compose = compose();
        Map<String, Map<String, Object>> services = section(compose, "services");

        services.forEach((name, service) -> {
            assertThat(service).as(name).containsKeys("image", "healthcheck", "volumes", "environment", "hostname");
            for (Object volume : (List<?>) service.get("volumes")) {
                assertThat(section(compose, "volumes"))
                        .containsKey(volume.toString().split(":")[0]);
            }
            if (service.get("depends_on") instanceof Map<?, ?> needed) {
                assertThat(services.keySet())
                        .containsAll(
                                needed.keySet().stream().map(Object::toString).toList());
            }
        });
        List<Map<String, String>> brokers = brokers(services);
        assertThat(brokers).hasSize(3);
        assertThat(brokers.stream().map(broker -> broker.get("KAFKA_BROKER_ID")).distinct())
                .hasSize(3);
        for (Map<String, String> broker : brokers) {
            for (String server : broker.get("KAFKA_ZOOKEEPER_CONNECT").split(",")) {
                assertThat(services).containsKey(server.split(":")[0]);
            }
            assertThat(names(broker.get("KAFKA_ADVERTISED_LISTENERS")))
                    .isEqualTo(names(broker.get("KAFKA_LISTENERS")))
                    .contains(broker.get("KAFKA_INTER_BROKER_LISTENER_NAME"));
        }
    }

    @Test
    @DisplayName("what the Dockerfile copies from the repository is there, and so is its entry point")
    void dockerfile() throws IOException {
        List<String> lines = Files.readAllLines(ROOT.resolve("Dockerfile"));

        List<String> copied = lines.stream()
                .filter(line -> line.startsWith("COPY ") && !line.contains("--from"))
                .map(line -> line.split(" ")[1])
                .toList();
        assertThat(copied).isNotEmpty().allMatch(path -> Files.exists(ROOT.resolve(path)));
        assertThat(lines).contains("ENTRYPOINT [\"/opt/barnabas/container/entrypoint\"]");
        assertThat(ROOT.resolve("container/entrypoint")).isExecutable();
        assertThat(ROOT.resolve("container/health")).isExecutable();
    }

    @Test
    @DisplayName(
            "three ZooKeepers and three brokers as the compose file has them, as processes: healthy, replicated, stopped in order")
    void topology() throws Exception {
        Path home = home();
        Files.copy(
                ROOT.resolve("bin/barnabas"),
                home.resolve("bin/barnabas"),
                java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
        jars(home.resolve("lib/broker"));
        Files.createDirectories(home.resolve("lib/tools"));
        Map<String, NodeProcess> brokers = new TreeMap<>();
        try (Ensemble ensemble = Ensemble.start(directory.resolve("ensemble"), "127.0.0.1", 3)) {
            List<String> addresses = new ArrayList<>();
            List<Integer> healthPorts = new ArrayList<>();
            for (Map<String, String> service : brokers(section(compose(), "services"))) {
                int inside = Ports.free();
                int outside = Ports.free();
                int health = Ports.free();
                // what the network and the port mappings of the containers would do
                Map<String, String> here = new TreeMap<>(service);
                here.put("KAFKA_ZOOKEEPER_CONNECT", ensemble.connectString());
                here.put("KAFKA_LISTENERS", "INSIDE://127.0.0.1:" + inside + ",OUTSIDE://127.0.0.1:" + outside);
                here.put("KAFKA_ADVERTISED_LISTENERS", here.get("KAFKA_LISTENERS"));
                here.put("KAFKA_HTTP_LISTENERS", "http://127.0.0.1:" + health);
                here.put(
                        "KAFKA_LOG_DIRS",
                        directory
                                .resolve("data-" + service.get("KAFKA_BROKER_ID"))
                                .toString());
                here.put("KAFKA_HEAP_OPTS", "-Xmx256m -XX:TieredStopAtLevel=1");
                here.put("BARNABAS_JAVA_HOME", System.getProperty("java.home"));
                here.put("BARNABAS_CLASS_ARCHIVES", "no");
                String id = service.get("KAFKA_BROKER_ID");
                brokers.put(
                        id,
                        NodeProcess.start(
                                List.of(home.resolve("container/entrypoint").toString()),
                                here,
                                directory.resolve("broker-" + id + ".txt")));
                addresses.add("127.0.0.1:" + outside);
                healthPorts.add(health);
            }
            for (int port : healthPorts) {
                await("healthy").atMost(90, TimeUnit.SECONDS).until(() -> healthy(home, port));
            }
            String bootstrap = String.join(",", addresses);
            try (var admin = Clients.admin(bootstrap)) {
                await("three brokers")
                        .atMost(60, TimeUnit.SECONDS)
                        .until(() -> admin.describeCluster()
                                        .nodes()
                                        .get(20, TimeUnit.SECONDS)
                                        .size()
                                == 3);
                admin.createTopics(List.of(new org.apache.kafka.clients.admin.NewTopic("orders", 6, (short) 3)))
                        .all()
                        .get(60, TimeUnit.SECONDS);
            }
            try (KafkaProducer<byte[], byte[]> producer = Clients.producer(bootstrap, Map.of())) {
                for (int i = 0; i < 600; i++) {
                    producer.send(new ProducerRecord<>("orders", i % 6, null, new byte[] {1}));
                }
                producer.flush();
            }
            assertThat(Clients.readAll(bootstrap, "orders", 6)).hasSize(600);
            for (NodeProcess broker : brokers.values()) {
                assertThat(broker.terminate()).as(broker.tail()).isIn(0, 143);
            }
        } finally {
            for (NodeProcess broker : brokers.values()) {
                broker.kill();
            }
        }
    }

    private boolean healthy(Path home, int port) throws Exception {
        NodeProcess health = NodeProcess.start(
                List.of(home.resolve("container/health").toString(), "127.0.0.1", "" + port),
                Map.of(),
                directory.resolve("health.txt"));
        return health.awaitExit() == 0;
    }

    /** Laid out as in the image, but without jars. */
    private Path home() throws IOException {
        Path home = Files.createDirectories(directory.resolve("home"));
        Files.createDirectories(home.resolve("bin"));
        Files.createDirectories(home.resolve("container"));
        for (String name : List.of("entrypoint", "health")) {
            Files.copy(
                    ROOT.resolve("container").resolve(name),
                    home.resolve("container").resolve(name),
                    java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
        }
        return home;
    }

    /** The broker's class path as the image has it: jars in one directory. */
    private static void jars(Path lib) throws IOException {
        Files.createDirectories(lib);
        int number = 0;
        for (String entry : LiveBroker.classPath().split(File.pathSeparator)) {
            Path path = Path.of(entry);
            if (Files.isDirectory(path)) {
                pack(path, lib.resolve("classes-" + number++ + ".jar"));
            } else if (Files.exists(path)) {
                Files.copy(path, lib.resolve(number++ + "-" + path.getFileName()));
            }
        }
    }

    private static void pack(Path classes, Path jar) throws IOException {
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream entries = new JarOutputStream(out);
                Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                entries.putNextEntry(
                        new JarEntry(classes.relativize(file).toString().replace(File.separatorChar, '/')));
                Files.copy(file, entries);
            }
        }
    }

    private static Map<String, Object> compose() throws IOException {
        return new Yaml().load(Files.readString(ROOT.resolve("docker-compose.yml")));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Map<String, Object>> section(Map<String, Object> compose, String name) {
        return (Map<String, Map<String, Object>>) compose.get(name);
    }

    /** The environments of the services that are brokers. */
    private static List<Map<String, String>> brokers(Map<String, Map<String, Object>> services) {
        return services.values().stream()
                .map(service -> (Map<?, ?>) service.get("environment"))
                .filter(environment -> environment.containsKey("KAFKA_BROKER_ID"))
                .map(environment -> environment.entrySet().stream()
                        .collect(Collectors.toMap(
                                entry -> entry.getKey().toString(),
                                entry -> entry.getValue().toString())))
                .toList();
    }

    private static List<String> names(String listeners) {
        return Stream.of(listeners.split(","))
                .map(listener -> listener.substring(0, listener.indexOf(':')))
                .toList();
    }
}
