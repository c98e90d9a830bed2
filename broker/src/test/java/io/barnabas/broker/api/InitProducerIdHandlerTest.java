package io.barnabas.broker.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.broker.api.ProducerIds.Block;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.InitProducerIdRequestData;
import io.barnabas.protocol.message.InitProducerIdResponseData;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class InitProducerIdHandlerTest {
    private final List<CompletableFuture<Block>> asked = new ArrayList<>();
    private final InitProducerIdHandler handler = new InitProducerIdHandler(new ProducerIds(() -> {
        CompletableFuture<Block> answer = new CompletableFuture<>();
        asked.add(answer);
        return answer;
    }));

    private InitProducerIdResponseData init(int version, String transactionalId, long producerId, int producerEpoch) {
        InitProducerIdRequestData request = new InitProducerIdRequestData();
        request.transactionalId = transactionalId;
        request.producerId = producerId;
        request.producerEpoch = (short) producerEpoch;
        var response = KeptReply.ask(
                handler, new TestContext(ApiKey.INIT_PRODUCER_ID, version), request, InitProducerIdResponseData.class);
        DataPlane.assertWritable(ApiKey.INIT_PRODUCER_ID, (short) version, response);
        return response;
    }

    @Test
    @DisplayName(
            "while the first block is fetched clients are told to come again; nine tenths down the next is asked for (CTRL-34)")
    void blocks() {
        assertThat(ErrorCode.of(init(0, null, -1, -1).errorCode)).isEqualTo(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS);
        assertThat(ErrorCode.of(init(5, null, -1, -1).errorCode)).isEqualTo(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS);
        assertThat(asked).hasSize(1);
        asked.get(0).complete(new Block(1000, 10));

        for (int i = 0; i < 10; i++) {
            var given = init(4, null, -1, -1);
            assertThat(given.producerId).isEqualTo(1000 + i);
            assertThat(given.producerEpoch).isZero();
            assertThat(asked).as("asked after %s", i).hasSize(i < 8 ? 1 : 2);
        }
        assertThat(ErrorCode.of(init(4, null, -1, -1).errorCode)).isEqualTo(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS);
        asked.get(1).complete(new Block(5000, 10));
        assertThat(init(4, null, -1, -1).producerId).isEqualTo(5000);
    }

    @Test
    @DisplayName("a block that could not be had is asked for again")
    void failedBlock() {
        init(0, null, -1, -1);
        asked.get(0).completeExceptionally(new IllegalStateException("no controller"));

        assertThat(ErrorCode.of(init(0, null, -1, -1).errorCode)).isEqualTo(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS);
        asked.get(1).complete(new Block(0, 1));
        assertThat(init(0, null, -1, -1).producerId).isZero();
    }

    @Test
    @DisplayName("an idempotent producer that brings its old id gets a new one; half an identity is refused (KIP-360)")
    void oldIdentities() {
        init(3, null, -1, -1);
        asked.get(0).complete(new Block(7, 100));

        assertThat(init(3, null, 55, 3).producerId).isEqualTo(7);
        assertThat(ErrorCode.of(init(3, null, 55, -1).errorCode)).isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(ErrorCode.of(init(3, null, -1, 3).errorCode)).isEqualTo(ErrorCode.INVALID_REQUEST);
    }

    @Test
    @DisplayName("transactional producers are refused with an error they give up on")
    void transactional() {
        assertThat(ErrorCode.of(init(4, "t", -1, -1).errorCode))
                .isEqualTo(ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
        assertThat(ErrorCode.of(init(4, "", -1, -1).errorCode)).isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(asked).isEmpty();
    }
}
