package io.barnabas.broker.api;

import io.barnabas.protocol.ApiKey;
import java.net.InetAddress;
import java.util.concurrent.Executor;

/** A request that came in over a listener, without a connection behind it. */
record FakeContext(ApiKey apiKey, short apiVersion, String listener, ConnectionNotes notes) implements RequestContext {
    static FakeContext of(ApiKey apiKey, int version) {
        return new FakeContext(apiKey, (short) version, "PLAINTEXT", new ConnectionNotes());
    }

    FakeContext over(String otherListener) {
        return new FakeContext(apiKey, apiVersion, otherListener, notes);
    }

    @Override
    public String clientId() {
        return "test";
    }

    @Override
    public boolean privilegedListener() {
        return false;
    }

    @Override
    public String principal() {
        return "User:ANONYMOUS";
    }

    @Override
    public InetAddress clientAddress() {
        return InetAddress.getLoopbackAddress();
    }

    @Override
    public long connectionId() {
        return 1;
    }

    @Override
    public Executor loop() {
        return Runnable::run;
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void onClose(Runnable callback) {
        // never closes
    }

    @Override
    public void releaseRequest() {
        // holds no bytes
    }
}
