package io.barnabas.broker.config;

import io.barnabas.runtime.config.ConfigReader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The listeners of this broker, in the order given.
 *
 * @param interBroker name of the one over which brokers talk to each other; always one of {@code listeners}
 */
public record ListenersConfig(List<Listener> listeners, String interBroker) {
    private static final Pattern LISTENER = Pattern.compile("([^:/]*)://(\\[[^\\]]*\\]|[^:\\[\\]]*):(-?\\d+)");
    private static final String DEFAULT_LISTENERS = "PLAINTEXT://:9092";
    private static final String DEFAULT_PROTOCOLS =
            "PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL";
    private static final Set<String> PROTOCOLS = Set.of("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL");

    public ListenersConfig {
        listeners = List.copyOf(listeners);
    }

    /** Mistakes are noted in the reader; the result is only of use if there are none. */
    static ListenersConfig from(ConfigReader config) {
        Map<String, String> protocols = protocols(config);
        Map<String, Address> bound = addresses(config, "listeners", DEFAULT_LISTENERS);
        Map<String, Address> advertised = isBlank(config.string("advertised.listeners", ""))
                ? bound
                : addresses(config, "advertised.listeners", "");
        if (bound.isEmpty()) {
            config.mistake("listeners: at least one listener is needed, as in PLAINTEXT://:9092");
        }
        for (String name : advertised.keySet()) {
            if (!bound.containsKey(name)) {
                config.mistake("advertised.listeners names " + name + ", which listeners does not");
            }
        }
        List<Listener> listeners = new ArrayList<>();
        Set<String> bindings = new HashSet<>();
        bound.forEach((name, address) -> {
            String protocol = protocols.get(name);
            if (protocol == null) {
                config.mistake("listeners: " + name + " has no protocol in listener.security.protocol.map");
                return;
            }
            if (!protocol.equals("PLAINTEXT")) {
                config.mistake("listeners: " + name + " asks for " + protocol
                        + ", which is not served yet; this broker does not serve less protection than it is asked for");
            }
            if (address.port != 0 && !bindings.add(address.host + ":" + address.port)) {
                config.mistake("listeners: two of them listen on " + address.host + ":" + address.port);
            }
            Address told = advertised.get(name);
            if (told != null && advertised != bound && isAnyAddress(told.host)) {
                config.mistake(
                        "advertised.listeners: " + name + " must name a host that others can reach, not 0.0.0.0");
            }
            listeners.add(new Listener(
                    name,
                    protocol,
                    address.host,
                    address.port,
                    told == null ? null : isAnyAddress(told.host) ? "" : told.host,
                    told == null ? 0 : told.port));
        });
        return new ListenersConfig(listeners, interBroker(config, protocols, bound.keySet(), advertised.keySet()));
    }

    /** @throws IllegalArgumentException if there is none of that name */
    public Listener listener(String name) {
        return listeners.stream()
                .filter(listener -> listener.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no listener " + name));
    }

    private static String interBroker(
            ConfigReader config, Map<String, String> protocols, Set<String> bound, Set<String> advertised) {
        String name = config.string("inter.broker.listener.name", "").trim().toUpperCase(Locale.ROOT);
        if (!name.isEmpty()) {
            if (config.has("security.inter.broker.protocol")) {
                config.mistake("inter.broker.listener.name and security.inter.broker.protocol: give only one of them");
            }
            if (!advertised.contains(name)) {
                config.mistake("inter.broker.listener.name=" + name + ": must be one of the advertised listeners "
                        + String.join(", ", advertised));
            }
            return name;
        }
        for (String listener : bound) {
            if (advertised.contains(listener) && "PLAINTEXT".equals(protocols.get(listener))) {
                return listener;
            }
        }
        if (!bound.isEmpty()) {
            config.mistake("listeners: none of them is an advertised PLAINTEXT listener that brokers could talk over");
        }
        return "";
    }

    private static Map<String, String> protocols(ConfigReader config) {
        Map<String, String> protocols = new LinkedHashMap<>();
        String key = "listener.security.protocol.map";
        for (String element : ValueRule.elements(config.string(key, DEFAULT_PROTOCOLS))) {
            int colon = element.lastIndexOf(':');
            String name = colon <= 0 ? "" : element.substring(0, colon).trim().toUpperCase(Locale.ROOT);
            String protocol =
                    colon <= 0 ? "" : element.substring(colon + 1).trim().toUpperCase(Locale.ROOT);
            if (!PROTOCOLS.contains(protocol)) {
                config.mistake(key + ": " + element
                        + " is not NAME:PROTOCOL with one of PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL");
            } else if (protocols.put(name, protocol) != null) {
                config.mistake(key + ": " + name + " stands there twice");
            }
        }
        return protocols;
    }

    private static Map<String, Address> addresses(ConfigReader config, String key, String fallback) {
        Map<String, Address> addresses = new LinkedHashMap<>();
        for (String element : ValueRule.elements(config.string(key, fallback))) {
            Matcher matcher = LISTENER.matcher(element);
            if (!matcher.matches() || matcher.group(1).isBlank()) {
                config.mistake(key + ": " + element + " is not NAME://host:port");
                continue;
            }
            String name = matcher.group(1).toUpperCase(Locale.ROOT);
            String host = matcher.group(2).replace("[", "").replace("]", "");
            long port = Long.parseLong(matcher.group(3).length() > 6 ? "-1" : matcher.group(3));
            if (port < 0 || port > 65535) {
                config.mistake(key + ": " + element + " has a port outside 0 to 65535");
            } else if (addresses.put(name, new Address(host, (int) port)) != null) {
                config.mistake(key + ": " + name + " stands there twice");
            }
        }
        return addresses;
    }

    private static boolean isAnyAddress(String host) {
        return host.equals("0.0.0.0") || host.equals("::");
    }

    private static boolean isBlank(String text) {
        return text == null || text.isBlank();
    }

    private record Address(String host, int port) {}
}
