package io.barnabas.tools;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The addresses a client begins with. */
final class Bootstrap {
    static final String DEFAULT_SERVER = "localhost:9092";

    private static final int CONNECT_TIMEOUT_MS = 2_000;
    private static final Pattern ADDRESS = Pattern.compile("(?:[A-Za-z0-9_]+://)?\\[?([^\\[\\]]+?)]?:(\\d{1,5})");

    private final List<String> servers;

    /** @throws ToolFailure if one of them is no address */
    Bootstrap(String servers) {
        this.servers = Arrays.stream(servers.split(","))
                .map(String::strip)
                .filter(server -> !server.isEmpty())
                .toList();
        if (this.servers.isEmpty()) {
            throw new ToolFailure("--bootstrap-server is empty: give host:port");
        }
        this.servers.forEach(Bootstrap::address);
    }

    /** Whether something accepts connections at one of the addresses. */
    boolean answers() {
        return servers.stream().anyMatch(Bootstrap::accepts);
    }

    private static boolean accepts(String server) {
        Matcher address = address(server);
        try (Socket socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(address.group(1), Integer.parseInt(address.group(2))), CONNECT_TIMEOUT_MS);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static Matcher address(String server) {
        Matcher matcher = ADDRESS.matcher(server);
        if (!matcher.matches() || Integer.parseInt(matcher.group(2)) > 65_535) {
            throw new ToolFailure("'" + server + "' is no address of a broker: give host:port");
        }
        return matcher;
    }

    @Override
    public String toString() {
        return String.join(",", servers);
    }
}
