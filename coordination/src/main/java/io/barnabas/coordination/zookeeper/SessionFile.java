package io.barnabas.coordination.zookeeper;

import io.barnabas.coordination.store.CoordinationException;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ZooKeeper session of a broker, kept so that its next start can end it at once instead of waiting for its time-out
 * (CTRL-05). It names the machine and its boot, so that a copied directory does not end a session that lives elsewhere.
 *
 * <pre>
 * 1                         version
 * 72057594037927936         session id
 * 3q2+7w==                  password, base64
 * host machine-id boot-id   "-" where there is none
 * </pre>
 */
final class SessionFile {
    private static final Logger LOG = LoggerFactory.getLogger(SessionFile.class);

    private final Path path;
    private final String machine;

    SessionFile(Path path) {
        this(path, thisMachine());
    }

    SessionFile(Path path, String machine) {
        this.path = path;
        this.machine = machine;
    }

    /** A session and the proof that it is ours. */
    record Kept(long sessionId, byte[] password) {}

    /** Null if there is none, if it is damaged, or if it was made on another machine or before its last boot. */
    Kept load() {
        try {
            List<String> lines = Files.readAllLines(path, StandardCharsets.UTF_8);
            if (lines.size() == 4 && lines.get(0).equals("1") && lines.get(3).equals(machine)) {
                return new Kept(
                        Long.parseLong(lines.get(1)), Base64.getDecoder().decode(lines.get(2)));
            }
            LOG.atInfo()
                    .addKeyValue("file", path)
                    .log("the ZooKeeper session kept there is not of this machine and boot");
        } catch (NoSuchFileException first) {
            return null;
        } catch (IOException | IllegalArgumentException damaged) {
            LOG.atWarn()
                    .setCause(damaged)
                    .addKeyValue("file", path)
                    .log("cannot read the ZooKeeper session kept there");
        }
        return null;
    }

    /** Readable by the owner only; replaced as a whole. */
    void store(Kept session) {
        Path fresh = path.resolveSibling(path.getFileName() + ".tmp");
        String text = "1\n" + session.sessionId + "\n" + Base64.getEncoder().encodeToString(session.password) + "\n"
                + machine + "\n";
        try {
            Files.deleteIfExists(fresh);
            if (Files.getFileStore(path.toAbsolutePath().getParent()).supportsFileAttributeView("posix")) {
                Files.createFile(
                        fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            }
            Files.writeString(fresh, text);
            Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new CoordinationException("cannot keep the ZooKeeper session in " + path, e);
        }
    }

    void delete() {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            LOG.atWarn().setCause(e).addKeyValue("file", path).log("cannot delete");
        }
    }

    private static String thisMachine() {
        String host;
        try {
            host = InetAddress.getLocalHost().getHostName();
        } catch (IOException unnamed) {
            host = "-";
        }
        return host + " " + firstLine("/etc/machine-id") + " " + firstLine("/proc/sys/kernel/random/boot_id");
    }

    private static String firstLine(String file) {
        try {
            String text = Files.readString(Path.of(file)).trim();
            return text.isEmpty() ? "-" : text;
        } catch (IOException absent) {
            return "-";
        }
    }
}
