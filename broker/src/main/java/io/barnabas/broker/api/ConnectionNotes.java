package io.barnabas.broker.api;

import java.util.Objects;

/** What has become known about a connection; lives as long as it does. Thread-safe. */
public final class ConnectionNotes {
    /** What a client's software is called that has not said so. */
    public static final String UNKNOWN = "unknown";

    private volatile ClientSoftware software = new ClientSoftware(UNKNOWN, UNKNOWN);

    /** Name and version, as the client said with its ApiVersions request (KIP-511). */
    public ClientSoftware clientSoftware() {
        return software;
    }

    public void clientSoftware(String name, String version) {
        software = new ClientSoftware(name, version);
    }

    public record ClientSoftware(String name, String version) {
        public ClientSoftware {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(version, "version");
        }
    }
}
