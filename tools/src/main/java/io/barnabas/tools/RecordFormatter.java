package io.barnabas.tools;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.utils.Utils;

/**
 * Writes records as kafka-console-consumer's formatter properties say: timestamp, partition, offset, epoch, headers, key,
 * value, each only where asked for. Bytes pass unchanged unless a deserializer is named.
 */
final class RecordFormatter implements RecordPrinter {
    private static final Set<String> KNOWN = Set.of(
            "print.timestamp",
            "print.key",
            "print.offset",
            "print.delivery",
            "print.epoch",
            "print.partition",
            "print.headers",
            "print.value",
            "key.separator",
            "line.separator",
            "headers.separator",
            "null.literal",
            "key.deserializer",
            "value.deserializer",
            "headers.deserializer");

    private final boolean printTimestamp;
    private final boolean printPartition;
    private final boolean printOffset;
    private final boolean printDelivery;
    private final boolean printEpoch;
    private final boolean printHeaders;
    private final boolean printKey;
    private final boolean printValue;
    private final byte[] keySeparator;
    private final byte[] lineSeparator;
    private final byte[] headersSeparator;
    private final byte[] nullLiteral;
    private final Deserializer<?> keys;
    private final Deserializer<?> values;
    private final Deserializer<?> headerValues;

    /** @throws ToolFailure if a property is unknown or wrong */
    RecordFormatter(Map<String, String> properties) {
        for (String name : new TreeSet<>(properties.keySet())) {
            if (!KNOWN.contains(name) && !name.matches("(key|value|headers)\\.deserializer\\..+")) {
                throw new ToolFailure("unknown formatter property " + name + "; there are "
                        + String.join(", ", new TreeSet<>(KNOWN)));
            }
        }
        printTimestamp = flag(properties, "print.timestamp", false);
        printPartition = flag(properties, "print.partition", false);
        printOffset = flag(properties, "print.offset", false);
        printDelivery = flag(properties, "print.delivery", false);
        printEpoch = flag(properties, "print.epoch", false);
        printHeaders = flag(properties, "print.headers", false);
        printKey = flag(properties, "print.key", false);
        printValue = flag(properties, "print.value", true);
        keySeparator = bytes(properties.getOrDefault("key.separator", "\t"));
        lineSeparator = bytes(properties.getOrDefault("line.separator", "\n"));
        headersSeparator = bytes(properties.getOrDefault("headers.separator", ","));
        nullLiteral = bytes(properties.getOrDefault("null.literal", "null"));
        keys = deserializer(properties, "key.deserializer", true);
        values = deserializer(properties, "value.deserializer", false);
        headerValues = deserializer(properties, "headers.deserializer", false);
    }

    private static boolean flag(Map<String, String> properties, String name, boolean preset) {
        String value = properties.get(name);
        return value == null ? preset : value.strip().equalsIgnoreCase("true");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Settings of a deserializer follow its name: {@code key.deserializer.encoding=…} is its {@code encoding}. */
    private static Deserializer<?> deserializer(Map<String, String> properties, String name, boolean ofKeys) {
        String type = properties.get(name);
        if (type == null || type.isBlank()) {
            return null;
        }
        try {
            Deserializer<?> deserializer = Utils.newInstance(type.strip(), Deserializer.class);
            deserializer.configure(
                    properties.entrySet().stream()
                            .filter(entry -> entry.getKey().startsWith(name + "."))
                            .collect(java.util.stream.Collectors.toMap(
                                    entry -> entry.getKey().substring(name.length() + 1), Map.Entry::getValue)),
                    ofKeys);
            return deserializer;
        } catch (ClassNotFoundException | KafkaException e) {
            throw new ToolFailure(name + ": the class " + type + " cannot be used: " + e.getMessage(), e);
        }
    }

    @Override
    public void print(ConsumerRecord<byte[], byte[]> record, PrintStream out) throws IOException {
        byte[] key = printKey ? text(keys, record.topic(), record.headers(), record.key()) : null;
        byte[] value = printValue ? text(values, record.topic(), record.headers(), record.value()) : null;
        byte[] headers = printHeaders ? headers(record) : null;
        boolean first = true;
        if (printTimestamp) {
            first = part(timestamp(record), out, first);
        }
        if (printPartition) {
            first = part(bytes("Partition:" + record.partition()), out, first);
        }
        if (printOffset) {
            first = part(bytes("Offset:" + record.offset()), out, first);
        }
        if (printDelivery) {
            first = part(
                    bytes("Delivery:"
                            + record.deliveryCount().map(Object::toString).orElse("NOT_PRESENT")),
                    out,
                    first);
        }
        if (printEpoch) {
            first = part(
                    bytes("Epoch:" + record.leaderEpoch().map(Object::toString).orElse("NOT_PRESENT")), out, first);
        }
        if (headers != null) {
            first = part(headers, out, first);
        }
        if (key != null) {
            first = part(key, out, first);
        }
        if (value != null) {
            part(value, out, first);
        }
        out.write(lineSeparator);
    }

    private boolean part(byte[] text, OutputStream out, boolean first) throws IOException {
        if (!first) {
            out.write(keySeparator);
        }
        out.write(text);
        return false;
    }

    private static byte[] timestamp(ConsumerRecord<byte[], byte[]> record) {
        return bytes(
                record.timestampType() == TimestampType.NO_TIMESTAMP_TYPE
                        ? "NO_TIMESTAMP"
                        : record.timestampType() + ":" + record.timestamp());
    }

    private byte[] headers(ConsumerRecord<byte[], byte[]> record) throws IOException {
        var text = new java.io.ByteArrayOutputStream();
        for (Header header : record.headers()) {
            if (text.size() > 0) {
                text.write(headersSeparator);
            }
            text.write(bytes(header.key() + ":"));
            text.write(text(headerValues, record.topic(), record.headers(), header.value()));
        }
        return text.size() == 0 ? bytes("NO_HEADERS") : text.toByteArray();
    }

    private byte[] text(Deserializer<?> deserializer, String topic, Headers headers, byte[] raw) {
        if (raw == null) {
            return nullLiteral;
        }
        return deserializer == null ? raw : bytes(String.valueOf(deserializer.deserialize(topic, headers, raw)));
    }
}
