package io.barnabas.coordination.control;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Registration;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.util.Locale;

/**
 * The bytes of {@link PeerRequest} and {@link PeerReply} (DESIGN D2).
 *
 * <pre>
 * byte    version   1
 * varint  kind      2 + the id of the message's form in {@link FormLedger}
 * message           varint  1 + number of fields that follow
 *                   field   varint tag, then the value in chunks (varint length, bytes), ended by a chunk of length 0
 * </pre>
 *
 * <p>A value is a number (varint, zigzag), text as UTF-8 (varint 1 + length, bytes; 0 is null), a list (varint 1 + count, then kind and
 * message of each), or a message as above. Fields that the reader does not know are skipped, and fields that the writer did not know
 * keep what the reader takes for unsaid: brokers of neighbouring versions understand each other. The rules of change are those of
 * {@link FormLedger}.
 *
 * <p>Hostile bytes end in {@link MalformedControlMessageException}, whatever they are, and cost memory in proportion to their own length. Any thread may
 * use a codec; one at a time does.
 */
public final class KryoControlCodec {
    static final byte VERSION = 1;

    /** No message is longer: room for half a million partitions. */
    public static final int MAX_BYTES = 64 << 20;

    private static final int FIRST_BUFFER_BYTES = 512;

    private final FrameBounds bounds = new FrameBounds();

    /** Made when it is first needed: a broker that is alone starts without. */
    private Kryo kryo;

    public synchronized byte[] encode(PeerRequest request) {
        return write(RequestForms.of(request));
    }

    public synchronized byte[] encode(PeerReply reply) {
        return write(ReplyForms.of(reply));
    }

    /** @throws MalformedControlMessageException if these are not the bytes of a request */
    public synchronized PeerRequest decodeRequest(byte[] bytes) {
        return read(bytes, RequestForms.Form.class, RequestForms.Form::value);
    }

    /** @throws MalformedControlMessageException if these are not the bytes of a reply */
    public synchronized PeerReply decodeReply(byte[] bytes) {
        return read(bytes, ReplyForms.Form.class, ReplyForms.Form::value);
    }

    private Kryo kryo() {
        if (kryo == null) {
            kryo = FormLedger.kryo(bounds);
        }
        return kryo;
    }

    private byte[] write(Object form) {
        Output output = new Output(FIRST_BUFFER_BYTES, MAX_BYTES);
        output.writeByte(VERSION);
        kryo().writeClassAndObject(output, form);
        return output.toBytes();
    }

    private interface Reading<F, T> {
        T valueOf(F form);
    }

    @SuppressWarnings("checkstyle:IllegalCatch")
    private <F, T> T read(byte[] bytes, Class<F> kind, Reading<F, T> reading) {
        if (bytes.length == 0 || bytes.length > MAX_BYTES) {
            throw new MalformedControlMessageException("a message of " + bytes.length + " bytes");
        }
        if (bytes[0] != VERSION) {
            throw new MalformedControlMessageException(
                    String.format(Locale.ROOT, "version %d, we speak %d", bytes[0], VERSION));
        }
        Input input = new Input(bytes, 1, bytes.length - 1);
        bounds.beginFrame(bytes.length);
        try {
            Registration registration = FormLedger.readKind(kryo(), input);
            if (!kind.isAssignableFrom(registration.getType())) {
                throw new MalformedControlMessageException(
                        registration.getType().getSimpleName() + " is not a " + kind.getSimpleName());
            }
            F form = kind.cast(kryo.readObject(input, registration.getType()));
            if (input.position() != bytes.length) {
                throw new MalformedControlMessageException(bytes.length - input.position() + " bytes too many");
            }
            return reading.valueOf(form);
        } catch (MalformedControlMessageException malformed) {
            throw malformed;
        } catch (RuntimeException unreadable) {
            // Kryo says what is wrong with bytes in a dozen ways, and the values refuse what they may not be in others.
            throw new MalformedControlMessageException("cannot be read: " + unreadable.getMessage(), unreadable);
        }
    }
}
