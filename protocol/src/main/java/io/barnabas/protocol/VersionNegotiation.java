package io.barnabas.protocol;

import io.barnabas.protocol.message.ApiVersionsRequestData;
import io.barnabas.protocol.message.ApiVersionsResponseData;
import io.barnabas.protocol.message.ApiVersionsResponseData.ApiVersion;
import java.util.regex.Pattern;

/**
 * The rules that hold for ApiVersions alone, because it is asked before either side knows what the other speaks
 * (KIP-511).
 */
public final class VersionNegotiation {
    /** The version to answer in when a client asks in one we do not know. */
    public static final short UNSUPPORTED_ANSWER_VERSION = 0;

    private static final short FIRST_VERSION_WITH_SOFTWARE_NAME = 3;
    private static final Pattern SOFTWARE = Pattern.compile("[a-zA-Z0-9](?:[a-zA-Z0-9\\-.]*[a-zA-Z0-9])?");

    private VersionNegotiation() {}

    /**
     * Whether the request asks for ApiVersions in a version that is not served. Its body must not be read; it gets
     * {@link #unsupportedVersion} as answer, in version {@link #UNSUPPORTED_ANSWER_VERSION}, and the connection stays.
     */
    public static boolean isUnsupported(RequestHeader header, ApiTable<?> table) {
        return header.apiKey() == ApiKey.API_VERSIONS.id() && table.find(header.apiKey(), header.apiVersion()) == null;
    }

    /** Tells which versions of ApiVersions itself can be asked. */
    public static ApiVersionsResponseData unsupportedVersion(ApiTable<?> table) {
        var response = new ApiVersionsResponseData();
        response.errorCode = ErrorCode.UNSUPPORTED_VERSION.code();
        for (ApiTable.Advertised api : table.advertised()) {
            if (api.key() == ApiKey.API_VERSIONS) {
                response.apiKeys.add(entry(api));
            }
        }
        return response;
    }

    /** Whether name and version of the client's software are as KIP-511 wants them; before version 3 there are none. */
    public static boolean isValid(ApiVersionsRequestData request, short version) {
        return version < FIRST_VERSION_WITH_SOFTWARE_NAME
                || (SOFTWARE.matcher(request.clientSoftwareName).matches()
                        && SOFTWARE.matcher(request.clientSoftwareVersion).matches());
    }

    /** The answer to a request that is not {@link #isValid}. */
    public static ApiVersionsResponseData invalidRequest() {
        var response = new ApiVersionsResponseData();
        response.errorCode = ErrorCode.INVALID_REQUEST.code();
        return response;
    }

    /** What the table advertises, without any features. */
    public static ApiVersionsResponseData versions(ApiTable<?> table) {
        var response = new ApiVersionsResponseData();
        for (ApiTable.Advertised api : table.advertised()) {
            response.apiKeys.add(entry(api));
        }
        return response;
    }

    private static ApiVersion entry(ApiTable.Advertised api) {
        var entry = new ApiVersion();
        entry.apiKey = api.key().id();
        entry.minVersion = api.minVersion();
        entry.maxVersion = api.maxVersion();
        return entry;
    }
}
