package io.barnabas.broker.api;

/** How clients are written down where groups keep and show them. */
final class Clients {
    private Clients() {}

    /** As Kafka writes it: a slash and the address. */
    static String host(RequestContext context) {
        return "/" + context.clientAddress().getHostAddress();
    }

    /** "" if the client does not say who it is. */
    static String id(RequestContext context) {
        return context.clientId() == null ? "" : context.clientId();
    }
}
