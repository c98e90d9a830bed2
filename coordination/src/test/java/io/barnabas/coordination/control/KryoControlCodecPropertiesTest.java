package io.barnabas.coordination.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("messages between brokers, drawn from a seed")
class KryoControlCodecPropertiesTest {
    private static final int ROUNDS = 150;

    private final long seed = Long.getLong("barnabas.seed", new Random().nextLong());
    private final RandomMessages messages = new RandomMessages(new Random(seed));
    private final KryoControlCodec codec = new KryoControlCodec();

    @Test
    @DisplayName("every request is read as it was written")
    void requestsSurvive() {
        for (Class<?> type : RandomMessages.requests()) {
            for (int round = 0; round < ROUNDS; round++) {
                PeerRequest request = (PeerRequest) messages.draw(type);

                assertThat(codec.decodeRequest(codec.encode(request)))
                        .as("seed %d", seed)
                        .usingRecursiveComparison()
                        .isEqualTo(request);
            }
        }
    }

    @Test
    @DisplayName("every reply is read as it was written")
    void repliesSurvive() {
        for (Class<?> type : RandomMessages.replies()) {
            for (int round = 0; round < ROUNDS; round++) {
                PeerReply reply = (PeerReply) messages.draw(type);

                assertThat(codec.decodeReply(codec.encode(reply)))
                        .as("seed %d", seed)
                        .usingRecursiveComparison()
                        .isEqualTo(reply);
            }
        }
    }
}
