package io.barnabas.tools;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.SerializationException;

/**
 * A record of {@code __consumer_offsets}: a committed offset or the metadata of a classic group. Both begin with a version of two
 * bytes, big-endian like everything; that of the key says which of the two it is. Later versions than those known here end in an
 * exception, earlier ones are read.
 */
final class CoordinatorRecord {
    enum Kind {
        OFFSET_COMMIT,
        GROUP_METADATA,
        OTHER
    }

    private static final int LAST_OFFSET_KEY = 1;
    private static final int GROUP_KEY = 2;
    private static final int LAST_VALUE_VERSION = 4;
    private static final int FIRST_FLEXIBLE_VERSION = 4;
    private static final int TOPIC_ID_TAG = 0;

    private final ByteBuffer bytes;
    private final boolean flexible;

    private CoordinatorRecord(ByteBuffer bytes, boolean flexible) {
        this.bytes = bytes;
        this.flexible = flexible;
    }

    static Kind kind(byte[] key) {
        if (key == null || key.length < Short.BYTES) {
            return Kind.OTHER;
        }
        int type = ByteBuffer.wrap(key).getShort();
        if (type >= 0 && type <= LAST_OFFSET_KEY) {
            return Kind.OFFSET_COMMIT;
        }
        return type == GROUP_KEY ? Kind.GROUP_METADATA : Kind.OTHER;
    }

    /**
     * In the form that Kafka's formatters have: {@code {"key":{"type","data"},"value":{"version","data"}}}.
     *
     * @throws SerializationException if it is not readable, or not one of the known kinds
     */
    static Map<String, Object> json(byte[] key, byte[] value) {
        Kind kind = kind(key);
        try {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("key", key(kind, ByteBuffer.wrap(key)));
            json.put("value", value == null ? null : value(kind, ByteBuffer.wrap(value)));
            return json;
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new SerializationException("it is cut off or damaged", e);
        }
    }

    private static Map<String, Object> key(Kind kind, ByteBuffer key) {
        int type = key.getShort();
        CoordinatorRecord in = new CoordinatorRecord(key, false);
        Map<String, Object> data = new LinkedHashMap<>();
        switch (kind) {
            case OFFSET_COMMIT -> {
                data.put("group", in.string());
                data.put("topic", in.string());
                data.put("partition", key.getInt());
            }
            case GROUP_METADATA -> data.put("group", in.string());
            case OTHER -> throw new SerializationException("it is of another kind, " + type);
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("type", type);
        json.put("data", data);
        return json;
    }

    private static Map<String, Object> value(Kind kind, ByteBuffer value) {
        int version = value.getShort();
        if (version < 0 || version > LAST_VALUE_VERSION) {
            throw new SerializationException("its value has a version that is not known here, " + version);
        }
        CoordinatorRecord in = new CoordinatorRecord(value, version >= FIRST_FLEXIBLE_VERSION);
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("version", version);
        json.put("data", kind == Kind.OFFSET_COMMIT ? in.offset(version) : in.group(version));
        return json;
    }

    private Map<String, Object> offset(int version) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("offset", bytes.getLong());
        if (version >= 3) {
            data.put("leaderEpoch", bytes.getInt());
        }
        data.put("metadata", string());
        data.put("commitTimestamp", bytes.getLong());
        if (version == 1) {
            data.put("expireTimestamp", bytes.getLong());
        }
        ByteBuffer topicId = tagged(TOPIC_ID_TAG);
        if (topicId != null) {
            data.put("topicId", new Uuid(topicId.getLong(), topicId.getLong()).toString());
        }
        return data;
    }

    private Map<String, Object> group(int version) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("protocolType", string());
        data.put("generation", bytes.getInt());
        data.put("protocol", string());
        data.put("leader", string());
        if (version >= 2) {
            data.put("currentStateTimestamp", bytes.getLong());
        }
        List<Map<String, Object>> members = new ArrayList<>();
        int count = length(Integer.BYTES);
        for (int at = 0; at < count; at++) {
            members.add(member(version));
        }
        data.put("members", members);
        tagged(-1);
        return data;
    }

    private Map<String, Object> member(int version) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("memberId", string());
        if (version >= 3) {
            data.put("groupInstanceId", string());
        }
        data.put("clientId", string());
        data.put("clientHost", string());
        if (version >= 1) {
            data.put("rebalanceTimeout", bytes.getInt());
        }
        data.put("sessionTimeout", bytes.getInt());
        data.put("subscription", base64());
        data.put("assignment", base64());
        tagged(-1);
        return data;
    }

    /** @return null if it is null */
    private String string() {
        int length = length(Short.BYTES);
        return length < 0 ? null : new String(take(length), StandardCharsets.UTF_8);
    }

    private String base64() {
        int length = length(Integer.BYTES);
        return length < 0 ? null : Base64.getEncoder().encodeToString(take(length));
    }

    private byte[] take(int length) {
        if (length > bytes.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] taken = new byte[length];
        bytes.get(taken);
        return taken;
    }

    /** -1 for null. In flexible versions a variable-length number one too high, else of {@code width} bytes. */
    private int length(int width) {
        if (flexible) {
            return unsignedVarint() - 1;
        }
        return width == Short.BYTES ? bytes.getShort() : bytes.getInt();
    }

    /** Passes over the tagged fields, which only flexible versions have. @return the content of the wanted one, or null */
    private ByteBuffer tagged(int wanted) {
        ByteBuffer found = null;
        int count = flexible ? unsignedVarint() : 0;
        for (int at = 0; at < count; at++) {
            int tag = unsignedVarint();
            ByteBuffer content = ByteBuffer.wrap(take(unsignedVarint()));
            if (tag == wanted) {
                found = content;
            }
        }
        return found;
    }

    private int unsignedVarint() {
        int value = 0;
        for (int shift = 0; shift < Integer.SIZE; shift += 7) {
            int next = bytes.get();
            value |= (next & 0x7f) << shift;
            if (next >= 0) {
                if (value < 0) {
                    throw new IllegalArgumentException("a length below 0");
                }
                return value;
            }
        }
        throw new IllegalArgumentException("a number of more than five bytes");
    }
}
