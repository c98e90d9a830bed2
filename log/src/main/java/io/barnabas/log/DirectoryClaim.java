package io.barnabas.log;

import io.barnabas.log.storage.Storage;
import io.barnabas.log.storage.StorageException;
import java.nio.file.Path;
import java.util.List;

/** Makes a directory this broker's, or says whose it is (LOG-09). */
final class DirectoryClaim {
    private DirectoryClaim() {}

    /** Creates a directory and its parents, and makes their names durable. */
    static void createDurably(Storage storage, Path directory) {
        Path absolute = directory.toAbsolutePath();
        if (!storage.isDirectory(absolute)) {
            if (absolute.getParent() != null) {
                createDurably(storage, absolute.getParent());
            }
            storage.createDirectories(absolute);
            if (absolute.getParent() != null) {
                storage.syncDirectory(absolute.getParent());
            }
        }
    }

    /** @throws StorageException with one sentence that says what is wrong */
    static void check(Storage storage, Path directory, DirectoryIdentity expected, List<String> names) {
        DirectoryIdentity found = DirectoryFiles.readIdentity(storage, directory);
        if (found == null) {
            for (String name : names) {
                if (PartitionDirectoryName.parse(name) != null && storage.isDirectory(directory.resolve(name))) {
                    throw new StorageException(directory + " holds partitions (" + name + ") but no "
                            + DirectoryFiles.META + " that says whose; restore that file, or move the data away");
                }
            }
            DirectoryFiles.writeIdentity(storage, directory, expected);
            return;
        }
        if (!found.clusterId().equals(expected.clusterId())) {
            throw new StorageException(directory + " belongs to cluster " + found.clusterId() + ", not to "
                    + expected.clusterId() + "; check zookeeper.connect and log.dirs");
        }
        if (found.brokerId() != expected.brokerId()) {
            throw new StorageException(directory + " belongs to broker " + found.brokerId() + ", not to "
                    + expected.brokerId() + "; check broker.id and log.dirs");
        }
    }
}
