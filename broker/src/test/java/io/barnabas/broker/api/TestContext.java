package io.barnabas.broker.api;

import io.barnabas.protocol.ApiKey;
import io.barnabas.runtime.loop.ManualLoop;
import io.barnabas.runtime.time.ManualClock;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;

/** A request on a connection whose loop and end are in the test's hands. */
final class TestContext implements RequestContext {
    final ManualLoop loop;
    final List<Runnable> closeCallbacks = new ArrayList<>();
    private final ApiKey apiKey;
    private final short apiVersion;
    private final long connectionId;
    String clientId = "client";
    String principal = "User:ANONYMOUS";
    boolean privileged = true;
    boolean released;

    TestContext(ApiKey apiKey, int version) {
        this(apiKey, version, 1, new ManualLoop(new ManualClock()));
    }

    TestContext(ApiKey apiKey, int version, long connectionId, ManualLoop loop) {
        this.apiKey = apiKey;
        this.apiVersion = (short) version;
        this.connectionId = connectionId;
        this.loop = loop;
    }

    void closeConnection() {
        closeCallbacks.forEach(Runnable::run);
    }

    @Override
    public ApiKey apiKey() {
        return apiKey;
    }

    @Override
    public short apiVersion() {
        return apiVersion;
    }

    @Override
    public String clientId() {
        return clientId;
    }

    @Override
    public String listener() {
        return "PLAINTEXT";
    }

    @Override
    public boolean privilegedListener() {
        return privileged;
    }

    @Override
    public String principal() {
        return principal;
    }

    @Override
    public InetAddress clientAddress() {
        return InetAddress.getLoopbackAddress();
    }

    @Override
    public long connectionId() {
        return connectionId;
    }

    @Override
    public Executor loop() {
        return loop;
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void onClose(Runnable callback) {
        closeCallbacks.add(callback);
    }

    @Override
    public void releaseRequest() {
        released = true;
    }

    @Override
    public ConnectionNotes notes() {
        return new ConnectionNotes();
    }
}
