package io.barnabas.broker.api;

import io.barnabas.protocol.ApiTable;
import io.barnabas.protocol.VersionNegotiation;
import io.barnabas.protocol.message.ApiVersionsRequestData;
import io.barnabas.protocol.message.ApiVersionsResponseData;

/**
 * Tells which APIs are served, and notes who the client is (KIP-511). The answer to a version from the future never comes here: it is
 * given before the body is read (WIRE-05).
 *
 * <p>There are no feature levels yet: they come with what they switch on (WIRE-11). The epoch of the finalized ones is then 0, as a
 * Kafka 3.9 broker says.
 */
public final class ApiVersionsHandler implements RequestHandler<ApiVersionsRequestData> {
    private static final int FIRST_VERSION_WITH_NAMES = 3;

    private final ApiTable<?> served;

    /** @param served asked at every request; may still be filled when this is made */
    public ApiVersionsHandler(ApiTable<?> served) {
        this.served = served;
    }

    @Override
    public void handle(RequestContext context, ApiVersionsRequestData request, Reply reply) {
        if (!VersionNegotiation.isValid(request, context.apiVersion())) {
            reply.send(VersionNegotiation.invalidRequest());
            return;
        }
        if (context.apiVersion() >= FIRST_VERSION_WITH_NAMES) {
            context.notes().clientSoftware(request.clientSoftwareName, request.clientSoftwareVersion);
        }
        ApiVersionsResponseData response = VersionNegotiation.versions(served);
        response.finalizedFeaturesEpoch = 0;
        reply.send(response);
    }
}
