package io.barnabas.broker.app;

import io.barnabas.runtime.config.ConfigException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * What {@code barnabas dev} is asked for.
 *
 * @param brokers   how many
 * @param data      where all of it lies; null for a directory that is removed at the end
 * @param port      of the first broker, the others have those after it; 0 for any that are free
 * @param overrides settings of every broker, each {@code key=value}
 */
record DevArguments(int brokers, Path data, int port, List<String> overrides) {
    private static final int MOST_BROKERS = 20;
    private static final int MOST_PORTS = 65_535;
    private static final String USAGE = "usage: dev [--brokers 3] [--data DIR] [--port 9092] [--override key=value]...";

    DevArguments {
        overrides = List.copyOf(overrides);
    }

    /** @throws ConfigException with all that is wrong */
    static DevArguments parse(List<String> arguments) {
        int brokers = 3;
        Path data = null;
        int port = 9092;
        List<String> overrides = new ArrayList<>();
        List<String> mistakes = new ArrayList<>();
        Iterator<String> left = arguments.iterator();
        while (left.hasNext()) {
            String argument = left.next();
            int equals = argument.indexOf('=');
            String name = argument.startsWith("--") && equals > 0 ? argument.substring(0, equals) : argument;
            String value = !name.equals(argument)
                    ? argument.substring(equals + 1)
                    : name.startsWith("--") && left.hasNext() ? left.next() : "";
            switch (name) {
                case "--brokers" -> brokers = number(name, value, 1, MOST_BROKERS, mistakes);
                case "--data" -> data = Path.of(value);
                case "--port" -> port = number(name, value, 0, MOST_PORTS - MOST_BROKERS, mistakes);
                case "--override" -> overrides.add(value);
                default -> mistakes.add(argument + ": not understood; " + USAGE);
            }
        }
        if (data != null && data.toString().isEmpty()) {
            mistakes.add("--data: give a directory");
        }
        if (!mistakes.isEmpty()) {
            throw new ConfigException(mistakes);
        }
        return new DevArguments(brokers, data, port, overrides);
    }

    private static int number(String name, String value, int least, int most, List<String> mistakes) {
        try {
            int number = Integer.parseInt(value);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException wrong) {
            mistakes.add(name + "=" + value + ": must be a whole number");
            return least;
        }
        mistakes.add(name + "=" + value + ": must be between " + least + " and " + most);
        return least;
    }
}
