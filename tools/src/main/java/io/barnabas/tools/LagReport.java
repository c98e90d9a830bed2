package io.barnabas.tools;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintStream;
import java.util.Locale;

/**
 * What a broker knows of a group's lag: Kafka's columns, and beside them how old the lag is and what to think of it. Fields that
 * the broker leaves out are unknown.
 *
 * @param json the broker's answer
 */
record LagReport(JsonNode json) {
    void print(boolean verbose, PrintStream out) {
        out.println();
        out.println("Group '" + text(json, "group") + "' (" + text(json, "type") + ", " + text(json, "state") + "): "
                + text(json, "status") + ", total lag " + text(json, "totalLag"));
        TextTable table = new TextTable()
                .column("GROUP", 15)
                .column("TOPIC", 15)
                .column("PARTITION", 10)
                .column("CURRENT-OFFSET", 15)
                .column("LOG-END-OFFSET", 15)
                .column("LAG", 15)
                .column("LAG-SECONDS", 15)
                .column("STATUS", 10)
                .column("CONSUMER-ID", 15)
                .column("HOST", 15)
                .lastColumn("CLIENT-ID");
        for (JsonNode partition : json.path("partitions")) {
            table.row(
                    text(json, "group"),
                    text(partition, "topic"),
                    text(partition, "partition"),
                    text(partition, "committedOffset"),
                    text(partition, "logEndOffset"),
                    text(partition, "lag"),
                    seconds(partition.path("lagSeconds")),
                    text(partition, "status"),
                    text(partition, "member"),
                    text(partition, "host"),
                    text(partition, "clientId"));
        }
        table.print(out);
        if (verbose) {
            printRebalances(out);
        }
    }

    private void printRebalances(PrintStream out) {
        TextTable table = new TextTable()
                .column("AT", 24)
                .column("GENERATION", 10)
                .column("DURATION-MS", 12)
                .column("CONSUMER-ID", 15)
                .lastColumn("REASON");
        for (JsonNode rebalance : json.path("rebalances")) {
            table.row(
                    text(rebalance, "at"),
                    text(rebalance, "generation"),
                    text(rebalance, "durationMs"),
                    text(rebalance, "member"),
                    text(rebalance, "reason"));
        }
        out.println();
        table.print(out);
    }

    private static String text(JsonNode node, String field) {
        JsonNode value = node.path(field);
        return value.isMissingNode() || value.isNull() ? TextTable.UNKNOWN : value.asText();
    }

    private static String seconds(JsonNode value) {
        return value.isNumber() ? String.format(Locale.ROOT, "%.1f", value.asDouble()) : TextTable.UNKNOWN;
    }
}
