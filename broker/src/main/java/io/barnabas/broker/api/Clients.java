package io.barnabas.broker.api;

/** How clients are written down where groups keep and show them. */
final class Clients {
    private static final int LONGEST_ID = 1_000;

    private Clients() {}

    /** As Kafka writes it: a slash and the address. */
    static String host(RequestContext context) {
        return "/" + context.clientAddress().getHostAddress();
    }

    /** "" if the client does not say who it is. Cut, since members' ids begin with it, and what has no room in a record cannot be stored. */
    static String id(RequestContext context) {
        String id = context.clientId();
        if (id == null || id.length() <= LONGEST_ID) {
            return id == null ? "" : id;
        }
        return id.substring(0, Character.isHighSurrogate(id.charAt(LONGEST_ID - 1)) ? LONGEST_ID - 1 : LONGEST_ID);
    }
}
