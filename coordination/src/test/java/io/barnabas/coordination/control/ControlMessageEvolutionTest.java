package io.barnabas.coordination.control;

import static org.assertj.core.api.Assertions.assertThat;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import com.esotericsoftware.kryo.serializers.TaggedFieldSerializer.Tag;
import io.barnabas.coordination.control.PeerRequest.Hello;
import io.barnabas.coordination.control.PeerRequest.Ping;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Refusal;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("(FAULT-27) brokers of neighbouring versions understand each other")
class ControlMessageEvolutionTest {
    private static final int PING = 63;
    private static final int HELLO = 60;
    private static final int REFUSED = 90;
    private static final int REFUSAL = 21;
    private static final int UNHEARD_OF = 120;

    private final KryoControlCodec codec = new KryoControlCodec();

    /** A ping of some later version: one field is gone, two are new, one of them of a form that we have never heard of. */
    static final class LaterPing {
        @Tag(0)
        int controllerEpoch = 8;

        @Tag(2)
        long brokerEpoch = 77;

        @Tag(3)
        byte[] mood = new byte[2000];

        @Tag(4)
        Rows sights = Rows.of(List.of(new Sight(), new Sight()), same -> same);
    }

    static final class Sight {
        @Tag(0)
        long far = 1L << 40;

        @Tag(1)
        Rows within = Rows.of(List.of(new ValueForms.EndpointForm(SampleMessages.endpoint())), same -> same);
    }

    /** A hello of an earlier version, which knew neither incarnations nor what it did not say. */
    static final class EarlierHello {
        @Tag(0)
        byte[] clusterId = Text.bytes("c");

        @Tag(1)
        int from = 4;

        @Tag(4)
        int to = 5;
    }

    static final class LaterRefused {
        @Tag(0)
        LaterRefusal refusal = new LaterRefusal();
    }

    static final class LaterRefusal {
        @Tag(0)
        byte[] reason = Text.bytes("THE_MOON_IS_IN_THE_WRONG_HOUSE");

        @Tag(1)
        byte[] message = Text.bytes("come back later");
    }

    @Test
    @DisplayName("what is new in a message is passed over, and what has gone is as if it had not been said")
    void laterToEarlier() {
        Kryo later = kryo(PING, LaterPing.class);
        FormLedger.register(later, UNHEARD_OF, Sight.class);

        PeerRequest read = codec.decodeRequest(write(later, new LaterPing()));

        assertThat(read).isEqualTo(new Ping(8, new BrokerId(0), 77, false));
    }

    @Test
    @DisplayName("an earlier message is read, what it does not say has its default")
    void earlierToLater() {
        PeerRequest read = codec.decodeRequest(write(kryo(HELLO, EarlierHello.class), new EarlierHello()));

        assertThat(read).isEqualTo(new Hello("c", new BrokerId(4), -1, null, new BrokerId(5), null));
    }

    @Test
    @DisplayName("an earlier broker reads of a message what it knows")
    void writtenByUsReadEarlier() {
        byte[] bytes =
                codec.encode(new Hello("cluster", new BrokerId(1), 77, new UUID(1, 2), new BrokerId(2), new byte[32]));

        EarlierHello read = read(kryo(HELLO, EarlierHello.class), bytes, EarlierHello.class);

        assertThat(Text.of(read.clusterId)).isEqualTo("cluster");
        assertThat(read.from).isEqualTo(1);
        assertThat(read.to).isEqualTo(2);
    }

    @Test
    @DisplayName("a reason that we do not know is still a no, with its message")
    void laterReasons() {
        Kryo later = kryo(REFUSED, LaterRefused.class);
        FormLedger.register(later, REFUSAL, LaterRefusal.class);

        PeerReply read = codec.decodeReply(write(later, new LaterRefused()));

        assertThat(read)
                .isEqualTo(new PeerReply.Refused(new Refusal(Refusal.Reason.UNKNOWN_SERVER_ERROR, "come back later")));
    }

    private static Kryo kryo(int id, Class<?> form) {
        FrameBounds bounds = new FrameBounds();
        bounds.beginFrame(1 << 20);
        Kryo kryo = FormLedger.kryo(bounds);
        FormLedger.register(kryo, id, form);
        return kryo;
    }

    private static byte[] write(Kryo kryo, Object form) {
        Output output = new Output(64, 1 << 20);
        output.writeByte(KryoControlCodec.VERSION);
        kryo.writeClassAndObject(output, form);
        return output.toBytes();
    }

    private static <T> T read(Kryo kryo, byte[] bytes, Class<T> form) {
        Input input = new Input(bytes, 1, bytes.length - 1);
        assertThat(FormLedger.readKind(kryo, input).getType()).isEqualTo(form);
        return kryo.readObject(input, form);
    }
}
