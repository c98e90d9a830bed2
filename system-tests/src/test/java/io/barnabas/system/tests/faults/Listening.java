package io.barnabas.system.tests.faults;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Whether a process of this machine listens on a port: looked up where the system tells it, else by connecting. */
final class Listening {
    private static final Path[] TABLES = {Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6")};
    private static final String LISTEN = "0A";

    private Listening() {}

    static boolean on(int port) {
        return Files.isReadable(TABLES[0]) ? inTables(port) : answers("127.0.0.1", port);
    }

    private static boolean inTables(int port) {
        String ending = String.format(Locale.ROOT, ":%04X", port);
        for (Path table : TABLES) {
            try {
                for (String line : Files.readAllLines(table)) {
                    String[] columns = line.trim().split(" +");
                    if (columns.length > 3 && columns[1].endsWith(ending) && columns[3].equals(LISTEN)) {
                        return true;
                    }
                }
            } catch (IOException noSuchFamily) {
                continue;
            }
        }
        return false;
    }

    static boolean answers(String host, int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), 500);
            return true;
        } catch (IOException refused) {
            return false;
        }
    }
}
