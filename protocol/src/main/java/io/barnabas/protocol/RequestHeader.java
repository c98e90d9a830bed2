package io.barnabas.protocol;

/**
 * What stands in front of every request.
 *
 * @param apiKey   may be one that no {@link ApiKey} has
 * @param clientId null is legal
 */
public record RequestHeader(short apiKey, short apiVersion, int correlationId, String clientId) {}
