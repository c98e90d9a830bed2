package io.barnabas.tools;

import java.util.Set;
import java.util.TreeSet;

/** Several ids of brokers in one argument: {@code 1,2,3}. */
final class BrokerIds {
    private BrokerIds() {}

    /** @throws ToolFailure if one is no number, or comes twice */
    static Set<Integer> parse(String option, String argument) {
        Set<Integer> brokers = new TreeSet<>();
        for (String id : argument.split(",", -1)) {
            try {
                int broker = Integer.parseInt(id.strip());
                if (broker < 0) {
                    throw new ToolFailure(option + ": " + broker + " is no broker id");
                }
                if (!brokers.add(broker)) {
                    throw new ToolFailure("Broker list contains duplicate entries: " + broker);
                }
            } catch (NumberFormatException e) {
                throw new ToolFailure(option + ": '" + argument + "' is not of the form 1,2,3", e);
            }
        }
        return brokers;
    }
}
