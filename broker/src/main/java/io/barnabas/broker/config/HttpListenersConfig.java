package io.barnabas.broker.config;

import io.barnabas.runtime.config.ConfigReader;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code http.listeners}: where the broker tells of groups and of its own health.
 *
 * @param addresses  none if it does not
 * @param orNextPort whether a port that is taken may be passed over for the next one that is free
 */
public record HttpListenersConfig(List<Address> addresses, boolean orNextPort) {
    /** Nowhere. */
    public static final HttpListenersConfig OFF = new HttpListenersConfig(List.of(), false);

    /** For a broker that was started without any configuration: to be found without asking, by this machine alone. */
    public static final HttpListenersConfig UNCONFIGURED =
            new HttpListenersConfig(List.of(new Address("127.0.0.1", 8080)), true);

    private static final String KEY = "http.listeners";
    private static final Pattern LISTENER = Pattern.compile("(?i)http://(\\[[^\\]]*\\]|[^:/\\[\\]]*):(\\d{1,5})/?");
    private static final int MOST_PORTS = 65_535;

    /**
     * @param host empty for all of this machine's addresses
     * @param port 0 for one that is free
     */
    public record Address(String host, int port) {}

    public HttpListenersConfig {
        addresses = List.copyOf(addresses);
    }

    /** Mistakes are noted in the reader; the result is only of use if there are none. */
    static HttpListenersConfig from(ConfigReader config, HttpListenersConfig ifNotGiven) {
        if (!config.has(KEY)) {
            return ifNotGiven;
        }
        Set<Address> addresses = new LinkedHashSet<>();
        for (String element : config.list(KEY, List.of())) {
            Matcher matcher = LISTENER.matcher(element);
            if (!matcher.matches() || Integer.parseInt(matcher.group(2)) > MOST_PORTS) {
                config.mistake(KEY + ": " + element + " is not http://host:port; https is not served yet");
                continue;
            }
            String host = matcher.group(1).replace("[", "").replace("]", "");
            if (!addresses.add(new Address(host, Integer.parseInt(matcher.group(2))))
                    && !matcher.group(2).equals("0")) {
                config.mistake(KEY + ": " + element + " stands there twice");
            }
        }
        return new HttpListenersConfig(new ArrayList<>(addresses), false);
    }
}
