package io.barnabas.broker.app;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.log.DirectoryIdentity;
import io.barnabas.log.LogDirectory;
import io.barnabas.log.storage.Storage;
import io.barnabas.model.BrokerId;
import java.nio.file.Path;

/** Finds out, before anything is opened, whose data the log directories hold (LOG-09). */
final class DirectoryIdentities {
    private DirectoryIdentities() {}

    /**
     * @return whose they are, by those that say it; null if all are fresh
     * @throws StartException if they do not agree with each other or with {@code broker.id}
     * @throws io.barnabas.log.storage.StorageException if one of them cannot be read, or is KRaft's
     */
    static DirectoryIdentity read(BrokerConfig config, Storage storage) {
        DirectoryIdentity known = null;
        Path knownFrom = null;
        for (Path directory : config.logDirs()) {
            DirectoryIdentity found = LogDirectory.identityOf(directory, storage);
            if (found == null) {
                continue;
            }
            if (known != null && !known.equals(found)) {
                throw new StartException(directory + " belongs to broker " + found.brokerId() + " of cluster "
                        + found.clusterId() + ", but " + knownFrom + " to broker " + known.brokerId() + " of cluster "
                        + known.clusterId() + "; check log.dirs");
            }
            known = found;
            knownFrom = directory;
        }
        BrokerId configured = config.configuredId();
        if (known != null && !configured.isNone() && configured.value() != known.brokerId()) {
            throw new StartException("broker.id=" + configured + ", but " + knownFrom + " belongs to broker "
                    + known.brokerId() + ", as its meta.properties says; check broker.id and log.dirs");
        }
        return known;
    }
}
