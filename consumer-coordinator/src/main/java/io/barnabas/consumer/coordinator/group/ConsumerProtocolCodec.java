package io.barnabas.consumer.coordinator.group;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The bytes of the embedded consumer protocol, that members of classic groups of the type "consumer" exchange through the coordinator.
 *
 * <pre>
 * subscription = version:i16 topics:[string] userData:bytes?            version 0
 *                owned:[topic:string partitions:[i32]]                  from 1 on
 *                generation:i32                                         from 2 on
 *                rack:string?                                           from 3 on
 * assignment   = version:i16 partitions:[topic:string partitions:[i32]] userData:bytes?
 * </pre>
 *
 * Strings have an i16 length, bytes and arrays an i32 one; -1 stands for null. A version newer than 3 begins with the fields of 3. What comes from
 * a client may be anything: lengths are checked against what is left before anything is made of them, and bytes that make no
 * sense come to null.
 */
public final class ConsumerProtocolCodec {
    /** The type of groups that exchange these bytes. */
    public static final String PROTOCOL_TYPE = "consumer";

    private static final short NEWEST = 3;
    private static final byte[] NO_BYTES = {};

    private ConsumerProtocolCodec() {}

    /** @return null if the bytes are no subscription */
    public static ConsumerSubscription subscription(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        try {
            short version = version(in);
            List<String> topics = new ArrayList<>();
            for (int left = count(in, 2); left > 0; left--) {
                topics.add(string(in));
            }
            byte[] userData = bytes(in);
            Map<String, SortedSet<Integer>> owned = version >= 1 ? partitions(in) : Map.of();
            int generationId = version >= 2 ? in.getInt() : -1;
            String rackId = version >= 3 ? nullableString(in) : null;
            return new ConsumerSubscription(topics, userData, owned, generationId, rackId);
        } catch (BufferUnderflowException | Nonsense damaged) {
            return null;
        }
    }

    /** @return null if the bytes are no assignment; no bytes at all are an empty one */
    public static ConsumerSubscription.Assignment assignment(byte[] bytes) {
        if (bytes.length == 0) {
            return new ConsumerSubscription.Assignment(Map.of(), null);
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        try {
            version(in);
            Map<String, SortedSet<Integer>> partitions = partitions(in);
            return new ConsumerSubscription.Assignment(partitions, bytes(in));
        } catch (BufferUnderflowException | Nonsense damaged) {
            return null;
        }
    }

    /** The version that {@code bytes} begin with, bounded by what is known here; -1 if there is none. For an answer in the asker's own version. */
    public static short versionOf(byte[] bytes) {
        try {
            return version(ByteBuffer.wrap(bytes));
        } catch (BufferUnderflowException | Nonsense damaged) {
            return -1;
        }
    }

    /** @param version 0 to 3; fields that it does not know are left out */
    public static byte[] bytes(ConsumerSubscription subscription, short version) {
        check(version);
        Out out = new Out();
        out.i16(version);
        out.i32(subscription.topics().size());
        subscription.topics().forEach(out::string);
        out.bytes(subscription.userData());
        if (version >= 1) {
            out.partitions(subscription.ownedPartitions());
        }
        if (version >= 2) {
            out.i32(subscription.generationId());
        }
        if (version >= 3) {
            out.nullableString(subscription.rackId());
        }
        return out.toBytes();
    }

    /** @param version 0 to 3; all look alike */
    public static byte[] bytes(ConsumerSubscription.Assignment assignment, short version) {
        check(version);
        Out out = new Out();
        out.i16(version);
        out.partitions(assignment.partitions());
        out.bytes(assignment.userData());
        return out.toBytes();
    }

    // ---- reading

    /** Bytes that are none of ours. */
    private static final class Nonsense extends RuntimeException {
        private static final long serialVersionUID = 1;

        Nonsense() {
            super(null, null, false, false);
        }
    }

    private static short version(ByteBuffer in) {
        short version = in.getShort();
        if (version < 0) {
            throw new Nonsense();
        }
        return version > NEWEST ? NEWEST : version;
    }

    private static void check(short version) {
        if (version < 0 || version > NEWEST) {
            throw new IllegalArgumentException("version " + version + " of the consumer protocol");
        }
    }

    /** The length of an array, of which each element takes at least {@code elementBytes}. */
    private static int count(ByteBuffer in, int elementBytes) {
        int count = in.getInt();
        if (count < 0 || (long) count * elementBytes > in.remaining()) {
            throw new Nonsense();
        }
        return count;
    }

    private static Map<String, SortedSet<Integer>> partitions(ByteBuffer in) {
        Map<String, SortedSet<Integer>> partitions = new TreeMap<>();
        for (int left = count(in, 6); left > 0; left--) {
            SortedSet<Integer> ofTopic = partitions.computeIfAbsent(string(in), topic -> new TreeSet<>());
            for (int more = count(in, 4); more > 0; more--) {
                ofTopic.add(in.getInt());
            }
        }
        return partitions;
    }

    private static String string(ByteBuffer in) {
        String string = nullableString(in);
        if (string == null) {
            throw new Nonsense();
        }
        return string;
    }

    private static String nullableString(ByteBuffer in) {
        short length = in.getShort();
        if (length == -1) {
            return null;
        }
        return new String(take(in, length), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(ByteBuffer in) {
        int length = in.getInt();
        return length == -1 ? null : take(in, length);
    }

    private static byte[] take(ByteBuffer in, int length) {
        if (length < 0 || length > in.remaining()) {
            throw new Nonsense();
        }
        byte[] taken = length == 0 ? NO_BYTES : new byte[length];
        in.get(taken);
        return taken;
    }

    // ---- writing

    private static final class Out {
        private ByteBuffer buffer = ByteBuffer.allocate(256);

        void i16(short value) {
            room(2).putShort(value);
        }

        void i32(int value) {
            room(4).putInt(value);
        }

        void string(String value) {
            byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
            if (utf8.length > Short.MAX_VALUE) {
                throw new IllegalArgumentException("a string of " + utf8.length + " bytes");
            }
            i16((short) utf8.length);
            room(utf8.length).put(utf8);
        }

        void nullableString(String value) {
            if (value == null) {
                i16((short) -1);
            } else {
                string(value);
            }
        }

        void bytes(byte[] value) {
            if (value == null) {
                i32(-1);
            } else {
                i32(value.length);
                room(value.length).put(value);
            }
        }

        void partitions(Map<String, ? extends Collection<Integer>> partitions) {
            i32(partitions.size());
            new TreeMap<>(partitions).forEach((topic, ofTopic) -> {
                string(topic);
                i32(ofTopic.size());
                ofTopic.forEach(this::i32);
            });
        }

        private ByteBuffer room(int bytes) {
            if (buffer.remaining() < bytes) {
                byte[] grown =
                        Arrays.copyOf(buffer.array(), Math.max(buffer.capacity() * 2, buffer.position() + bytes));
                int position = buffer.position();
                buffer = ByteBuffer.wrap(grown).position(position);
            }
            return buffer;
        }

        byte[] toBytes() {
            return Arrays.copyOf(buffer.array(), buffer.position());
        }
    }
}
