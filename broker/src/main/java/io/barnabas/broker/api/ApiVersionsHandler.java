package io.barnabas.broker.api;

import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.coordination.control.FeatureLevels;
import io.barnabas.protocol.ApiTable;
import io.barnabas.protocol.VersionNegotiation;
import io.barnabas.protocol.message.ApiVersionsRequestData;
import io.barnabas.protocol.message.ApiVersionsResponseData;
import io.barnabas.protocol.message.ApiVersionsResponseData.FinalizedFeatureKey;
import io.barnabas.protocol.message.ApiVersionsResponseData.SupportedFeatureKey;

/**
 * Tells which APIs are served, and notes who the client is (KIP-511). The answer to a version from the future never comes here: it is
 * given before the body is read (WIRE-05).
 *
 * <p>It also tells which features can be switched on and which are (WIRE-11). Until the controller has spoken none is, with epoch 0.
 */
public final class ApiVersionsHandler implements RequestHandler<ApiVersionsRequestData> {
    private static final int FIRST_VERSION_WITH_NAMES = 3;

    /** Clients that ask in version 3 fail on a feature whose lowest level is 0, as all of ours are (KAFKA-17492). */
    private static final int FIRST_VERSION_WITH_LEVEL_ZERO = 4;

    private final ApiTable<?> served;
    private final CurrentCluster cluster;

    /** @param served asked at every request; may still be filled when this is made */
    public ApiVersionsHandler(ApiTable<?> served, CurrentCluster cluster) {
        this.served = served;
        this.cluster = cluster;
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
        FeatureLevels features = cluster.view().features();
        response.finalizedFeaturesEpoch = features.epoch();
        if (context.apiVersion() >= FIRST_VERSION_WITH_LEVEL_ZERO) {
            tellSupported(response);
        }
        features.levels().forEach((name, level) -> {
            FinalizedFeatureKey switchedOn = new FinalizedFeatureKey();
            switchedOn.name = name;
            switchedOn.maxVersionLevel = level;
            switchedOn.minVersionLevel = level;
            response.finalizedFeatures.add(switchedOn);
        });
        reply.send(response);
    }

    private static void tellSupported(ApiVersionsResponseData response) {
        FeatureLevels.SUPPORTED.forEach((name, highest) -> {
            SupportedFeatureKey supported = new SupportedFeatureKey();
            supported.name = name;
            supported.minVersion = 0;
            supported.maxVersion = highest;
            response.supportedFeatures.add(supported);
        });
    }
}
