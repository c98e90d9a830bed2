package io.barnabas.broker.api;

import io.barnabas.coordination.control.Caller;
import io.barnabas.protocol.ApiKey;
import java.net.InetAddress;
import java.util.concurrent.Executor;

/** Who asks, how, and over which connection. May be kept as long as the request is not answered. Thread-safe. */
public interface RequestContext {
    ApiKey apiKey();

    short apiVersion();

    /** Null is legal. */
    String clientId();

    /** Name of the listener the request came in on, upper case. */
    String listener();

    /** Whether it is the listener over which brokers talk to each other. */
    boolean privilegedListener();

    /** As Kafka writes it: {@code User:ANONYMOUS} on a listener that authenticates nobody. */
    String principal();

    InetAddress clientAddress();

    /** As whom the controller is asked for this client. */
    default Caller caller() {
        return new Caller(principal(), clientAddress().getHostAddress(), listener());
    }

    /** Unique in this process. */
    long connectionId();

    /** The connection's loop; what runs there must not block. */
    Executor loop();

    /** Whether an answer can still arrive. */
    boolean isOpen();

    /**
     * Runs {@code callback} on the connection's loop if the connection ends before this request is answered; at once if it
     * has ended. The caller thereby promises that nobody reads the request's bytes after the callback: they are released.
     * Without a callback they live until the reply, even when the connection is long gone.
     */
    void onClose(Runnable callback);

    /**
     * The request's records are not read any more. Strings, numbers and byte arrays of the message stay valid, since only
     * records are views into the received bytes. Idempotent; implied by any reply. A request that is parked should not
     * hold on to its bytes.
     */
    void releaseRequest();

    ConnectionNotes notes();
}
