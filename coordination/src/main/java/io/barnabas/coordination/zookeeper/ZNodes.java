package io.barnabas.coordination.zookeeper;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.barnabas.coordination.control.BrokerInfo;
import io.barnabas.coordination.control.ConfigEntity;
import io.barnabas.coordination.control.LastShutdown;
import io.barnabas.coordination.control.ProducerIdBlock;
import io.barnabas.coordination.store.BrokerRegistration;
import io.barnabas.coordination.store.ClusterSecretStore;
import io.barnabas.coordination.store.CoordinationException;
import io.barnabas.coordination.store.StoredTopic;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Endpoint;
import io.barnabas.model.TopicIds;
import io.barnabas.model.TopicPartition;
import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Every path and every node's content, as Kafka 3.9 writes them. Readers take missing optional and unknown fields, any order
 * and older versions; a partition state of a higher version is refused (CTRL-01).
 *
 * <pre>
 * /brokers/ids/1                          {"features":{},"listener_security_protocol_map":{"PLAINTEXT":"PLAINTEXT"},
 *                                          "endpoints":["PLAINTEXT://h:9092"],"rack":"r1","jmx_port":-1,"port":9092,
 *                                          "host":"h","version":5,"timestamp":"1795230341740"}         ephemeral
 * /brokers/topics/t                       {"partitions":{"0":[2,1]},"topic_id":"PB9f2bjgRbWEjObIZnR66A",
 *                                          "adding_replicas":{},"removing_replicas":{},"version":3}
 * /brokers/topics/t/partitions/0/state    {"controller_epoch":1,"leader":2,"version":1,"leader_epoch":0,"isr":[2,1]}
 * /admin/reassign_partitions              {"version":1,"partitions":[{"topic":"t","partition":0,"replicas":[1,2]}]}
 *                                          only read
 * /controller                             {"version":2,"brokerid":2,"timestamp":"1795230341065",
 *                                          "kraftControllerEpoch":-1}                                  ephemeral
 * /controller_epoch                       1
 * /cluster/id                             {"version":"1","id":"WoRFMw8ORuqDTetewksOug"}
 * /config/topics/t                        {"version":1,"config":{"retention.ms":"100000"}}
 * /config/changes/config_change_0000000001 {"version":2,"entity_path":"topics/t"}
 * /latest_producer_id_block               {"version":1,"broker":1,"block_start":"0","block_end":"999"}
 * /feature                                {"features":{},"version":2,"status":1}
 * /barnabas/features                      {"version":1,"features":{"group.version":1}}
 * /barnabas/secret                        {"version":1,"secret":"mLB2VEbIWHW0xQ0XK1wCfhYeZYDf5dRCsFjpQ1nfoTU="}
 * /barnabas/config/groups/g               {"version":1,"config":{"consumer.session.timeout.ms":"50000"}}
 * </pre>
 */
final class ZNodes {
    static final String CONTROLLER = "/controller";
    static final String CONTROLLER_EPOCH = "/controller_epoch";
    static final String BROKER_IDS = "/brokers/ids";
    static final String BROKER_SEQUENCE = "/brokers/seqid";
    static final String TOPICS = "/brokers/topics";
    static final String REASSIGNMENTS = "/admin/reassign_partitions";
    static final String DELETE_TOPICS = "/admin/delete_topics";
    static final String CONFIG = "/config";
    static final String CONFIG_CHANGES = "/config/changes";
    static final String CONFIG_CHANGE_PREFIX = "config_change_";
    static final String CLUSTER_ID = "/cluster/id";
    static final String PRODUCER_ID_BLOCK = "/latest_producer_id_block";
    static final String FEATURE = "/feature";
    static final String MIGRATION = "/migration";

    /** What Kafka does not know lies below this node. */
    static final String OWN = "/barnabas";

    static final String FEATURES = OWN + "/features";
    static final String SECRET = OWN + "/secret";
    static final String OWN_CONFIG = OWN + "/config";

    /** How each broker stopped before its present start. */
    static final String STARTS = OWN + "/starts";

    /** Made at the start like {@link #PERSISTENT}, parents first. */
    static final List<String> OWN_PERSISTENT = List.of(OWN, OWN_CONFIG, OWN_CONFIG + "/groups", STARTS);

    /** What Kafka 3.9 makes when it starts, parents first. */
    static final List<String> PERSISTENT = List.of(
            "/consumers",
            "/brokers",
            BROKER_IDS,
            TOPICS,
            BROKER_SEQUENCE,
            CONFIG,
            CONFIG_CHANGES,
            "/config/topics",
            "/config/clients",
            "/config/users",
            "/config/brokers",
            "/config/ips",
            "/admin",
            DELETE_TOPICS,
            "/isr_change_notification",
            PRODUCER_ID_BLOCK,
            "/log_dir_event_notification",
            "/cluster");

    private static final ObjectMapper JSON = new ObjectMapper();

    private ZNodes() {}

    static String broker(BrokerId id) {
        return BROKER_IDS + "/" + id;
    }

    static String topic(String topic) {
        return TOPICS + "/" + topic;
    }

    static String partitions(String topic) {
        return topic(topic) + "/partitions";
    }

    static String partition(TopicPartition id) {
        return partitions(id.topic()) + "/" + id.partition();
    }

    static String state(TopicPartition id) {
        return partition(id) + "/state";
    }

    static String deletionMark(String topic) {
        return DELETE_TOPICS + "/" + topic;
    }

    static String config(ConfigEntity entity) {
        return entity.type() == ConfigEntity.Type.GROUP
                ? configFolder(entity.type()) + "/" + encoded(entity.name())
                : CONFIG + "/" + entityPath(entity);
    }

    /** Kafka 3.9 knows no configurations of groups: what it reads must not name any. */
    static String configFolder(ConfigEntity.Type type) {
        return (type == ConfigEntity.Type.GROUP ? OWN_CONFIG : CONFIG) + "/" + type.folder();
    }

    /** What is said of an entity of this type in {@link #CONFIG_CHANGES} is understood by Kafka 3.9 too. */
    static boolean isKnownToKafka(ConfigEntity.Type type) {
        return type != ConfigEntity.Type.GROUP;
    }

    /** @param nodeName as {@link #config(ConfigEntity)} ends */
    static ConfigEntity entity(ConfigEntity.Type type, String nodeName) {
        return new ConfigEntity(
                type, type == ConfigEntity.Type.GROUP ? URLDecoder.decode(nodeName, StandardCharsets.UTF_8) : nodeName);
    }

    /** A group may be called anything, a node may not contain slashes, nor be called "." or "..". */
    private static String encoded(String groupId) {
        String encoded = URLEncoder.encode(groupId, StandardCharsets.UTF_8);
        return encoded.chars().allMatch(character -> character == '.') ? encoded.replace(".", "%2E") : encoded;
    }

    /** {@code users/al%20ice/clients/c1}: names are as stored, so that of users and clients percent-encoded. */
    static String entityPath(ConfigEntity entity) {
        return entity.type().folder() + "/" + entity.name();
    }

    /** @return null if the path names nothing that we know */
    static ConfigEntity entityOf(String entityPath) {
        int slash = entityPath.indexOf('/');
        if (slash < 0) {
            return null;
        }
        for (ConfigEntity.Type type : ConfigEntity.Type.values()) {
            if (isKnownToKafka(type) && type.folder().equals(entityPath.substring(0, slash))) {
                return new ConfigEntity(type, entityPath.substring(slash + 1));
            }
        }
        return null;
    }

    // ---- brokers

    static String start(BrokerId id) {
        return STARTS + "/" + id;
    }

    /** @param handled whether the controller has done what follows from it */
    record Start(String incarnation, LastShutdown lastShutdown, boolean handled) {}

    /** {@code {"version":1,"incarnation":"…","last_shutdown":"machine","handled":false}}. */
    static byte[] start(Start start) {
        ObjectNode node = JSON.createObjectNode();
        node.put("version", 1);
        node.put("incarnation", start.incarnation());
        node.put("last_shutdown", start.lastShutdown().name().toLowerCase(Locale.ROOT));
        node.put("handled", start.handled());
        return bytes(node);
    }

    /** A word that a newer version wrote is taken for the worst. */
    static Start start(BrokerId id, byte[] data) {
        JsonNode node = parse(start(id), data);
        LastShutdown last = switch (node.path("last_shutdown").asText()) {
            case "clean" -> LastShutdown.CLEAN;
            case "process" -> LastShutdown.PROCESS;
            default -> LastShutdown.MACHINE;
        };
        return new Start(
                node.path("incarnation").asText(), last, node.path("handled").asBoolean(false));
    }

    static byte[] broker(BrokerRegistration broker, long epochMillis) {
        ObjectNode node = JSON.createObjectNode();
        node.putObject("features");
        ObjectNode protocols = node.putObject("listener_security_protocol_map");
        ArrayNode endpoints = node.putArray("endpoints");
        Endpoint plaintext = null;
        for (Endpoint endpoint : broker.endpoints()) {
            protocols.put(endpoint.listener(), endpoint.securityProtocol());
            endpoints.add(endpoint.toString());
            if (plaintext == null && endpoint.securityProtocol().equals("PLAINTEXT")) {
                plaintext = endpoint;
            }
        }
        if (broker.rack() != null) {
            node.put("rack", broker.rack());
        }
        node.put("jmx_port", -1);
        node.put("port", plaintext == null ? -1 : plaintext.port());
        node.put("host", plaintext == null ? null : plaintext.host());
        node.put("version", 5);
        node.put("timestamp", Long.toString(epochMillis));
        return bytes(node);
    }

    static BrokerInfo broker(BrokerId id, byte[] data, long czxid) {
        JsonNode node = parse(broker(id), data);
        List<Endpoint> endpoints = new ArrayList<>();
        JsonNode protocols = node.path("listener_security_protocol_map");
        for (JsonNode each : node.path("endpoints")) {
            endpoints.add(endpoint(each.asText(), protocols));
        }
        if (endpoints.isEmpty() && node.hasNonNull("host")) {
            endpoints.add(new Endpoint(
                    "PLAINTEXT",
                    "PLAINTEXT",
                    node.get("host").asText(),
                    node.path("port").asInt()));
        }
        return new BrokerInfo(
                id, czxid, endpoints, node.hasNonNull("rack") ? node.get("rack").asText() : null);
    }

    private static Endpoint endpoint(String text, JsonNode protocols) {
        int scheme = text.indexOf("://");
        int colon = text.lastIndexOf(':');
        if (scheme < 0 || colon <= scheme + 2) {
            throw new CoordinationException("endpoint '" + text + "' of a broker is not LISTENER://host:port");
        }
        String listener = text.substring(0, scheme);
        String host = text.substring(scheme + 3, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        String protocol = protocols.path(listener).asText(listener);
        return new Endpoint(listener, protocol, host, Integer.parseInt(text.substring(colon + 1)));
    }

    // ---- topics

    static byte[] topic(StoredTopic topic) {
        ObjectNode node = JSON.createObjectNode();
        putReplicas(node.putObject("partitions"), topic.assignment());
        node.put("topic_id", TopicIds.toBase64(topic.topicId()));
        putReplicas(node.putObject("adding_replicas"), new TreeMap<>(topic.adding()));
        putReplicas(node.putObject("removing_replicas"), new TreeMap<>(topic.removing()));
        node.put("version", 3);
        return bytes(node);
    }

    private static void putReplicas(ObjectNode node, SortedMap<Integer, List<BrokerId>> replicas) {
        replicas.forEach((partition, brokers) -> {
            ArrayNode array = node.putArray(Integer.toString(partition));
            brokers.forEach(broker -> array.add(broker.value()));
        });
    }

    /** @throws CoordinationException if the topic has no id: it was made by a Kafka before 2.8 and never upgraded */
    static StoredTopic topic(String name, byte[] data, int version) {
        JsonNode node = parse(topic(name), data);
        if (!node.hasNonNull("topic_id")) {
            throw new CoordinationException("topic " + name
                    + " has no topic id in ZooKeeper; start it once under Kafka 2.8 or later, which gives it one");
        }
        UUID id = TopicIds.parse(node.get("topic_id").asText());
        return new StoredTopic(
                name,
                id,
                replicas(node.path("partitions")),
                replicas(node.path("adding_replicas")),
                replicas(node.path("removing_replicas")),
                version);
    }

    private static SortedMap<Integer, List<BrokerId>> replicas(JsonNode node) {
        SortedMap<Integer, List<BrokerId>> replicas = new TreeMap<>();
        for (Map.Entry<String, JsonNode> each : node.properties()) {
            replicas.put(Integer.valueOf(each.getKey()), brokers(each.getValue()));
        }
        return replicas;
    }

    private static List<BrokerId> brokers(JsonNode array) {
        List<BrokerId> brokers = new ArrayList<>(array.size());
        for (JsonNode each : array) {
            brokers.add(new BrokerId(each.asInt()));
        }
        return brokers;
    }

    /** @throws IllegalArgumentException if a number is negative */
    static Map<TopicPartition, List<BrokerId>> reassignments(byte[] data) {
        Map<TopicPartition, List<BrokerId>> wanted = new LinkedHashMap<>();
        for (JsonNode each : parse(REASSIGNMENTS, data).path("partitions")) {
            wanted.put(
                    new TopicPartition(
                            each.path("topic").asText(), each.path("partition").asInt()),
                    brokers(each.path("replicas")));
        }
        return wanted;
    }

    // ---- controller, cluster, producer ids, features

    static byte[] controller(BrokerId id, long epochMillis) {
        ObjectNode node = JSON.createObjectNode();
        node.put("version", 2);
        node.put("brokerid", id.value());
        node.put("timestamp", Long.toString(epochMillis));
        node.put("kraftControllerEpoch", -1);
        return bytes(node);
    }

    /** @throws CoordinationException if the office is held by a KRaft controller: the cluster is being migrated away */
    static BrokerId controller(byte[] data) {
        JsonNode node = parse(CONTROLLER, data);
        int kraft = node.path("kraftControllerEpoch").asInt(-1);
        if (kraft >= 0) {
            throw new CoordinationException(
                    "this cluster is being migrated to KRaft (/controller has kraftControllerEpoch " + kraft
                            + "); finish or roll back the migration first");
        }
        return new BrokerId(node.path("brokerid").asInt(-1));
    }

    static byte[] controllerEpoch(int epoch) {
        return Integer.toString(epoch).getBytes(StandardCharsets.UTF_8);
    }

    static int controllerEpoch(byte[] data) {
        return Integer.parseInt(new String(data, StandardCharsets.UTF_8).trim());
    }

    static byte[] clusterId(String id) {
        return bytes(JSON.createObjectNode().put("version", "1").put("id", id));
    }

    static String clusterId(byte[] data) {
        return parse(CLUSTER_ID, data).path("id").asText();
    }

    static byte[] producerIds(ProducerIdBlock block, BrokerId broker) {
        ObjectNode node = JSON.createObjectNode();
        node.put("version", 1);
        node.put("broker", broker.value());
        node.put("block_start", Long.toString(block.first()));
        node.put("block_end", Long.toString(block.last()));
        return bytes(node);
    }

    /** The first id that no block holds yet. */
    static long nextProducerId(byte[] data) {
        if (data == null || data.length == 0) {
            return 0;
        }
        long end = parse(PRODUCER_ID_BLOCK, data).path("block_end").asLong(-1);
        if (end < 0) {
            throw new CoordinationException("the ZooKeeper node " + PRODUCER_ID_BLOCK
                    + " does not say where its block ends; ids that are in use could be given out again");
        }
        return end + 1;
    }

    static byte[] noFeatures() {
        ObjectNode node = JSON.createObjectNode();
        node.putObject("features");
        node.put("version", 2);
        node.put("status", 1);
        return bytes(node);
    }

    static byte[] features(Map<String, Short> levels) {
        ObjectNode node = JSON.createObjectNode();
        node.put("version", 1);
        ObjectNode features = node.putObject("features");
        new TreeMap<>(levels).forEach(features::put);
        return bytes(node);
    }

    /** @throws CoordinationException if the node holds anything but levels */
    static Map<String, Short> features(byte[] data) {
        JsonNode node = parse(FEATURES, data);
        if (node.path("version").asInt() != 1 || !node.path("features").isObject()) {
            throw new CoordinationException("the ZooKeeper node " + FEATURES + " is not of version 1");
        }
        Map<String, Short> levels = new TreeMap<>();
        for (Map.Entry<String, JsonNode> each : node.path("features").properties()) {
            JsonNode level = each.getValue();
            if (!level.isInt() || level.intValue() < 0 || level.intValue() > Short.MAX_VALUE) {
                throw new CoordinationException(
                        "the ZooKeeper node " + FEATURES + " holds no level for " + each.getKey());
            }
            levels.put(each.getKey(), (short) level.intValue());
        }
        return levels;
    }

    static byte[] secret(byte[] secret) {
        ObjectNode node = JSON.createObjectNode();
        node.put("version", 1);
        node.put("secret", Base64.getEncoder().encodeToString(secret));
        return bytes(node);
    }

    /** @throws CoordinationException if the node holds no secret; the message does not say what it holds */
    static byte[] secret(String path, byte[] data) {
        JsonNode node = parse(path, data);
        byte[] secret;
        try {
            secret = Base64.getDecoder().decode(node.path("secret").asText());
        } catch (IllegalArgumentException notBase64) {
            secret = new byte[0];
        }
        if (node.path("version").asInt() != 1 || secret.length != ClusterSecretStore.SECRET_BYTES) {
            throw new CoordinationException(
                    "the ZooKeeper node " + path
                            + " holds no cluster secret of version 1; delete it while all brokers are down, and they make another");
        }
        return secret;
    }

    // ---- configurations

    static byte[] config(Map<String, String> config) {
        ObjectNode node = JSON.createObjectNode();
        node.put("version", 1);
        ObjectNode values = node.putObject("config");
        new TreeMap<>(config).forEach(values::put);
        return bytes(node);
    }

    static Map<String, String> config(String path, byte[] data) {
        Map<String, String> config = new TreeMap<>();
        if (data == null || data.length == 0) {
            return config;
        }
        for (Map.Entry<String, JsonNode> each : parse(path, data).path("config").properties()) {
            config.put(each.getKey(), each.getValue().asText());
        }
        return config;
    }

    static byte[] configChange(ConfigEntity entity) {
        return bytes(JSON.createObjectNode().put("version", 2).put("entity_path", entityPath(entity)));
    }

    /** @return null if it names nothing that we know */
    static ConfigEntity configChange(byte[] data) {
        JsonNode node = parse(CONFIG_CHANGES, data);
        if (node.hasNonNull("entity_path")) {
            return entityOf(node.get("entity_path").asText());
        }
        return entityOf(node.path("entity_type").asText() + "/"
                + node.path("entity_name").asText());
    }

    static long sequence(String sequentialName) {
        return Long.parseLong(sequentialName.substring(Math.max(0, sequentialName.length() - 10)));
    }

    private static byte[] bytes(ObjectNode node) {
        try {
            return JSON.writeValueAsBytes(node);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static JsonNode parse(String path, byte[] data) {
        try {
            JsonNode node = data == null ? null : JSON.readTree(data);
            if (node != null && node.isObject()) {
                return node;
            }
        } catch (IOException wrong) {
            throw new CoordinationException("the ZooKeeper node " + path + " does not hold JSON", wrong);
        }
        throw new CoordinationException("the ZooKeeper node " + path + " does not hold a JSON object");
    }
}
