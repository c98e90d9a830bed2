package io.barnabas.broker.api;

import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.InitProducerIdRequestData;
import io.barnabas.protocol.message.InitProducerIdResponseData;

/**
 * InitProducerId, versions 0 to 5, for idempotent producers: each gets a new id with epoch 0, whatever id it had before.
 * Transactional producers are refused with an error their client gives up on, since transactions are not served.
 */
public final class InitProducerIdHandler implements RequestHandler<InitProducerIdRequestData> {
    private static final int NONE = -1;

    private final ProducerIds ids;

    public InitProducerIdHandler(ProducerIds ids) {
        this.ids = ids;
    }

    @Override
    public void handle(RequestContext context, InitProducerIdRequestData request, Reply reply) {
        InitProducerIdResponseData response = new InitProducerIdResponseData();
        response.producerId = NONE;
        response.producerEpoch = NONE;
        response.errorCode = serve(request, response).code();
        reply.send(response);
    }

    private ErrorCode serve(InitProducerIdRequestData request, InitProducerIdResponseData response) {
        if (request.transactionalId != null) {
            return request.transactionalId.isEmpty()
                    ? ErrorCode.INVALID_REQUEST
                    : ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
        }
        // an id without an epoch, or the other way round, is nonsense (KIP-360)
        if ((request.producerId == NONE) != (request.producerEpoch == NONE)) {
            return ErrorCode.INVALID_REQUEST;
        }
        long id = ids.next();
        if (id == ProducerIds.NOT_YET) {
            return ErrorCode.COORDINATOR_LOAD_IN_PROGRESS;
        }
        response.producerId = id;
        response.producerEpoch = 0;
        return ErrorCode.NONE;
    }
}
