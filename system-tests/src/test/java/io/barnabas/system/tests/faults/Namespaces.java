package io.barnabas.system.tests.faults;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A network namespace for each broker, joined by a bridge, so that links between chosen pairs can be cut. A cut is a route: what goes to the
 * other broker is sent to a box that either forgets it, as a network that drops packets, or answers with a reset, as a firewall does.
 * Needs root and {@code ip}; where these are missing, scenarios that ask for it are skipped.
 */
final class Namespaces implements AutoCloseable {
    private static final String NET = "10.213.77.";
    private static final int HOST = 100;
    private static final int DROPPING = 201;
    private static final int RESETTING = 202;

    private static final Pattern OURS = Pattern.compile("\\bbn(\\d{1,7})[a-z](?:n(?:\\d|d|r)|[bio]\\d*)\\b");

    private static final AtomicInteger MADE = new AtomicInteger();

    /** Short, for the names of interfaces hold 15 characters; another for each, because the system forgets old ones late. */
    private final String prefix = "bn" + ProcessHandle.current().pid() + (char) ('a' + MADE.getAndIncrement() % 26);

    private final int brokers;
    private final List<String> cuts = new ArrayList<>();

    private Namespaces(int brokers) {
        this.brokers = brokers;
    }

    static Namespaces of(int brokers) throws Exception {
        Namespaces made = new Namespaces(brokers);
        assumeTrue(made.permitted(), "network namespaces need root and the command ip");
        try {
            made.build();
            return made;
        } catch (Exception | AssertionError e) {
            made.close();
            throw e;
        }
    }

    private boolean permitted() throws Exception {
        try {
            return run(List.of("ip", "netns", "add", prefix + "x")) == 0
                    && run(List.of("ip", "netns", "del", prefix + "x")) == 0;
        } catch (IOException noSuchCommand) {
            return false;
        }
    }

    /** What a run that was killed has left would take the same addresses, and nothing would be found behind them. */
    private static void clear() throws Exception {
        for (String left : left("ip netns list")) {
            run(words("ip netns del " + left));
        }
        for (String left : left("ip -o link show")) {
            run(words("ip link del " + left));
        }
    }

    private static Set<String> left(String command) throws Exception {
        Process process =
                new ProcessBuilder(words(command)).redirectErrorStream(true).start();
        Set<String> names = new LinkedHashSet<>();
        Matcher ours = OURS.matcher(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        while (ours.find()) {
            boolean lives = ProcessHandle.of(Long.parseLong(ours.group(1)))
                    .filter(ProcessHandle::isAlive)
                    .isPresent();
            if (!lives) {
                names.add(ours.group());
            }
        }
        process.waitFor();
        return names;
    }

    private void build() throws Exception {
        clear();
        String bridge = prefix + "b";
        ip("link add " + bridge + " type bridge");
        ip("addr add " + NET + HOST + "/24 dev " + bridge);
        ip("link set " + bridge + " up");
        for (int id = 1; id <= brokers; id++) {
            join(prefix + "n" + id, id, bridge);
        }
        join(prefix + "nd", DROPPING, bridge);
        join(prefix + "nr", RESETTING, bridge);
        // the box that resets has every broker's address, but tells nobody, and nothing listens there
        in("nr", "sysctl -q -w net.ipv4.conf.all.arp_ignore=1");
        for (int id = 1; id <= brokers; id++) {
            in("nr", "ip addr add " + NET + id + "/32 dev lo");
        }
        in("nd", "sysctl -q -w net.ipv4.ip_forward=0");
    }

    private void join(String namespace, int last, String bridge) throws Exception {
        String inside = prefix + "i" + last;
        String outside = prefix + "o" + last;
        ip("netns add " + namespace);
        ip("link add " + outside + " type veth peer name " + inside);
        ip("link set " + outside + " master " + bridge + " up");
        ip("link set " + inside + " netns " + namespace);
        ip("-n " + namespace + " addr add " + NET + last + "/24 dev " + inside);
        ip("-n " + namespace + " link set " + inside + " up");
        ip("-n " + namespace + " link set lo up");
    }

    /** Where ZooKeeper and the clients are. */
    String hostAddress() {
        return NET + HOST;
    }

    String address(int broker) {
        return NET + broker;
    }

    /** What runs a command in the broker's namespace. */
    List<String> enter(int broker) {
        return List.of("ip", "netns", "exec", prefix + "n" + broker);
    }

    /** Packets of {@code from} to {@code to} vanish; those the other way arrive. */
    void drop(int from, int to) throws Exception {
        route(from, address(to), DROPPING);
    }

    /** {@code from} and {@code to} hear nothing of each other. */
    void cut(int from, int to) throws Exception {
        drop(from, to);
        drop(to, from);
    }

    /** Packets of {@code from} to ZooKeeper and the clients vanish. */
    void dropToHost(int from) throws Exception {
        route(from, hostAddress(), DROPPING);
    }

    /** Connections between the two are reset and refused, as seen by {@code from}. */
    void reset(int from, int to) throws Exception {
        route(from, address(to), RESETTING);
    }

    private void route(int from, String destination, int box) throws Exception {
        ip("-n " + prefix + "n" + from + " route replace " + destination + "/32 via " + NET + box);
        cuts.add("-n " + prefix + "n" + from + " route del " + destination + "/32");
    }

    void heal() throws Exception {
        for (String cut : cuts) {
            run(words("ip " + cut));
        }
        cuts.clear();
    }

    @Override
    public void close() throws Exception {
        for (int id = 1; id <= brokers; id++) {
            run(words("ip netns del " + prefix + "n" + id));
        }
        run(words("ip netns del " + prefix + "nd"));
        run(words("ip netns del " + prefix + "nr"));
        run(words("ip link del " + prefix + "b"));
    }

    private void in(String box, String command) throws Exception {
        ip("netns exec " + prefix + box + " " + command);
    }

    private static void ip(String arguments) throws Exception {
        if (run(words("ip " + arguments)) != 0) {
            throw new AssertionError("failed: ip " + arguments);
        }
    }

    private static List<String> words(String command) {
        return List.of(command.split(" "));
    }

    private static int run(List<String> command) throws Exception {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }
}
