package io.barnabas.coordination.zookeeper;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.barnabas.coordination.store.CoordinationException;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.TopicPartition;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The state of a partition as it is stored. Read and written without a tree in between: a new controller reads that of every partition of the
 * cluster.
 */
final class StateJson {
    private static final JsonFactory JSON = new JsonFactory();
    private static final int VERSION = 1;
    private static final int USUAL_BYTES = 128;

    private StateJson() {}

    static byte[] write(LeaderAndIsr state, int controllerEpoch) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(USUAL_BYTES);
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            json.writeNumberField("controller_epoch", controllerEpoch);
            json.writeNumberField("leader", state.leader().value());
            json.writeNumberField("version", VERSION);
            json.writeNumberField("leader_epoch", state.leaderEpoch());
            write(json, "isr", state.inSyncReplicas());
            if (!state.eligibleLeaders().isEmpty()) {
                write(json, "elr", state.eligibleLeaders());
            }
            json.writeEndObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }

    private static void write(JsonGenerator json, String field, List<BrokerId> brokers) throws IOException {
        json.writeArrayFieldStart(field);
        for (BrokerId broker : brokers) {
            json.writeNumber(broker.value());
        }
        json.writeEndArray();
    }

    /** @throws CoordinationException if it is none, is newer than what is understood, or contradicts itself */
    static LeaderAndIsr read(TopicPartition id, byte[] data, int partitionEpoch) {
        try (JsonParser json = JSON.createParser(data == null ? new byte[0] : data)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new CoordinationException(
                        "the ZooKeeper node " + ZNodes.state(id) + " does not hold a JSON object");
            }
            return read(id, json, partitionEpoch);
        } catch (IOException wrong) {
            throw new CoordinationException("the ZooKeeper node " + ZNodes.state(id) + " does not hold JSON", wrong);
        } catch (IllegalArgumentException contradiction) {
            throw new CoordinationException(
                    "the ZooKeeper node " + ZNodes.state(id) + " contradicts itself: " + contradiction.getMessage(),
                    contradiction);
        }
    }

    private static LeaderAndIsr read(TopicPartition id, JsonParser json, int partitionEpoch) throws IOException {
        int leader = BrokerId.NONE.value();
        int leaderEpoch = 0;
        List<BrokerId> inSync = List.of();
        List<BrokerId> eligible = List.of();
        int version = VERSION;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String field = json.currentName();
            json.nextToken();
            switch (field) {
                case "leader" -> leader = number(json, leader);
                case "leader_epoch" -> leaderEpoch = number(json, leaderEpoch);
                case "isr" -> inSync = brokers(json);
                case "elr" -> eligible = brokers(json);
                case "version" -> version = number(json, VERSION);
                default -> json.skipChildren();
            }
        }
        if (version > VERSION) {
            throw new CoordinationException("the state of " + id + " in ZooKeeper has version " + version
                    + ", newer than " + VERSION + ", which is the last that is understood");
        }
        return new LeaderAndIsr(new BrokerId(leader), leaderEpoch, inSync, eligible, partitionEpoch);
    }

    private static List<BrokerId> brokers(JsonParser json) throws IOException {
        if (json.currentToken() != JsonToken.START_ARRAY) {
            throw new IllegalArgumentException(json.currentName() + " is no list");
        }
        List<BrokerId> brokers = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            brokers.add(new BrokerId(number(json, BrokerId.NONE.value())));
        }
        return brokers;
    }

    /** Kafka's own tools write nothing else; what is something else is not guessed at. */
    private static int number(JsonParser json, int otherwise) throws IOException {
        if (json.currentToken() == JsonToken.VALUE_NULL) {
            return otherwise;
        }
        if (json.currentToken() != JsonToken.VALUE_NUMBER_INT) {
            throw new IllegalArgumentException(json.currentName() + " is no number");
        }
        return json.getIntValue();
    }
}
