package io.barnabas.tools;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * Makes a record of each line, as kafka-console-producer's reader properties say: {@code headers TAB key TAB value}, each part
 * only where asked for. Works on bytes, so values need not be text.
 */
final class LineParser {
    private static final Set<String> KNOWN = Set.of(
            "topic",
            "parse.key",
            "parse.headers",
            "ignore.error",
            "key.separator",
            "headers.delimiter",
            "headers.separator",
            "headers.key.separator",
            "null.marker");

    private final String topic;
    private final boolean parseKey;
    private final boolean parseHeaders;
    private final boolean ignoreError;
    private final byte[] keySeparator;
    private final byte[] headersDelimiter;
    private final byte[] headersSeparator;
    private final byte[] headersKeySeparator;
    private final byte[] nullMarker;
    private long lineNumber;

    /** @throws ToolFailure if a property is unknown or wrong */
    LineParser(String topic, Map<String, String> properties) {
        Set<String> unknown = new TreeSet<>(properties.keySet());
        unknown.removeAll(KNOWN);
        if (!unknown.isEmpty()) {
            throw new ToolFailure("unknown reader property "
                    + unknown.iterator().next() + "; there are " + String.join(", ", new TreeSet<>(KNOWN)));
        }
        this.topic = properties.getOrDefault("topic", topic);
        this.parseKey = flag(properties, "parse.key");
        this.parseHeaders = flag(properties, "parse.headers");
        this.ignoreError = flag(properties, "ignore.error");
        this.keySeparator = separator(properties, "key.separator", "\t");
        this.headersDelimiter = separator(properties, "headers.delimiter", "\t");
        this.headersSeparator = separator(properties, "headers.separator", ",");
        this.headersKeySeparator = separator(properties, "headers.key.separator", ":");
        this.nullMarker = properties.containsKey("null.marker") ? bytes(properties.get("null.marker")) : null;
        if (Arrays.equals(headersDelimiter, headersSeparator)
                || Arrays.equals(headersDelimiter, headersKeySeparator)
                || Arrays.equals(headersSeparator, headersKeySeparator)) {
            throw new ToolFailure("headers.delimiter, headers.separator and headers.key.separator have to differ");
        }
        if (nullMarker != null
                && (Arrays.equals(nullMarker, keySeparator)
                        || Arrays.equals(nullMarker, headersDelimiter)
                        || Arrays.equals(nullMarker, headersSeparator)
                        || Arrays.equals(nullMarker, headersKeySeparator))) {
            throw new ToolFailure("null.marker has to differ from the separators");
        }
    }

    private static boolean flag(Map<String, String> properties, String name) {
        return "true".equalsIgnoreCase(properties.getOrDefault(name, "false").strip());
    }

    private static byte[] separator(Map<String, String> properties, String name, String preset) {
        String separator = properties.getOrDefault(name, preset);
        if (separator.isEmpty()) {
            throw new ToolFailure("reader property " + name + " is empty");
        }
        return bytes(separator);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** @throws ToolFailure if a part is missing, unless {@code ignore.error} is set; the line is then taken as far as it goes */
    ProducerRecord<byte[], byte[]> parse(byte[] line) {
        lineNumber++;
        if (!parseKey && !parseHeaders) {
            return new ProducerRecord<>(topic, null, null, nullable(line));
        }
        int at = 0;
        List<Header> headers = List.of();
        if (parseHeaders) {
            int end = find(headersDelimiter, line, at, line.length, "headers delimiter");
            if (end >= 0) {
                headers = headers(line, at, end);
                at = end + headersDelimiter.length;
            }
        }
        byte[] key = null;
        if (parseKey) {
            int end = find(keySeparator, line, at, line.length, "key separator");
            if (end >= 0) {
                key = nullable(Arrays.copyOfRange(line, at, end));
                at = end + keySeparator.length;
            }
        }
        return new ProducerRecord<>(
                topic, null, null, key, nullable(Arrays.copyOfRange(line, at, line.length)), headers);
    }

    private List<Header> headers(byte[] line, int from, int to) {
        if (nullable(Arrays.copyOfRange(line, from, to)) == null) {
            return List.of();
        }
        List<Header> headers = new ArrayList<>();
        int at = from;
        while (at <= to) {
            int next = indexOf(headersSeparator, line, at, to);
            int end = next < 0 ? to : next;
            headers.add(header(line, at, end));
            at = end + headersSeparator.length;
        }
        return headers;
    }

    private Header header(byte[] line, int from, int to) {
        int separator = find(headersKeySeparator, line, from, to, "header key separator");
        int keyEnd = separator < 0 ? to : separator;
        byte[] key = nullable(Arrays.copyOfRange(line, from, keyEnd));
        if (key == null) {
            throw new ToolFailure("line " + lineNumber + ": the key of a header cannot be null");
        }
        byte[] value =
                separator < 0 ? null : nullable(Arrays.copyOfRange(line, keyEnd + headersKeySeparator.length, to));
        return new RecordHeader(new String(key, StandardCharsets.UTF_8), value);
    }

    /** @return -1 if there is none and that is ignored */
    private int find(byte[] separator, byte[] line, int from, int to, String what) {
        int index = indexOf(separator, line, from, to);
        if (index < 0 && !ignoreError) {
            throw new ToolFailure("line " + lineNumber + " has no " + what + " '"
                    + new String(separator, StandardCharsets.UTF_8)
                    + "'; what was read before is sent (reader property ignore.error=true passes over it)");
        }
        return index;
    }

    private static int indexOf(byte[] separator, byte[] line, int from, int to) {
        for (int at = from; at <= to - separator.length; at++) {
            if (Arrays.equals(line, at, at + separator.length, separator, 0, separator.length)) {
                return at;
            }
        }
        return -1;
    }

    private byte[] nullable(byte[] part) {
        return nullMarker != null && Arrays.equals(part, nullMarker) ? null : part;
    }
}
