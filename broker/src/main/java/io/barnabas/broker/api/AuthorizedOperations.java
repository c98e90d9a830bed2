package io.barnabas.broker.api;

/**
 * Which operations the asker may do on a resource, as a set of bits (KIP-430). Without an authorizer that is every operation the
 * resource knows.
 */
final class AuthorizedOperations {
    /** The asker did not ask. */
    static final int NOT_ASKED = Integer.MIN_VALUE;

    /** Read, write, create, delete, alter, describe, describe and alter configs. */
    private static final int ALL_OF_TOPIC = 0b1101_1111_1000;

    /** Create, alter, describe, cluster action, describe and alter configs, idempotent write. */
    private static final int ALL_OF_CLUSTER = 0b1_1111_1010_0000;

    /** Read, delete, describe, describe and alter configs. */
    private static final int ALL_OF_GROUP = 0b1101_0100_1000;

    private AuthorizedOperations() {}

    static int ofTopic(boolean asked) {
        return asked ? ALL_OF_TOPIC : NOT_ASKED;
    }

    static int ofCluster(boolean asked) {
        return asked ? ALL_OF_CLUSTER : NOT_ASKED;
    }

    static int ofGroup(boolean asked) {
        return asked ? ALL_OF_GROUP : NOT_ASKED;
    }
}
