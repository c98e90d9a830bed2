package io.barnabas.tools;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** Columns that grow with what is in them, one space between; "-" stands for what is not known. */
final class TextTable {
    static final String UNKNOWN = "-";

    /**
     * @param width at least so many characters, filled up with blanks
     * @param grows whether longer values widen the whole column instead of only pushing their own line
     */
    private record Column(String name, int width, boolean grows) {}

    private final List<Column> columns = new ArrayList<>();
    private final List<List<String>> rows = new ArrayList<>();

    /** Widens with its longest value. */
    TextTable column(String name, int width) {
        columns.add(new Column(name, width, true));
        return this;
    }

    /** The last one: longer values push only their own line, and nothing is filled up behind them. */
    TextTable lastColumn(String name) {
        return lastColumn(name, 0);
    }

    /** The last one, filled up to {@code width}. */
    TextTable lastColumn(String name, int width) {
        columns.add(new Column(name, width, false));
        return this;
    }

    /** Null is unknown. */
    void row(Object... values) {
        if (values.length != columns.size()) {
            throw new IllegalArgumentException(values.length + " values for " + columns.size() + " columns");
        }
        List<String> row = new ArrayList<>();
        for (Object value : values) {
            row.add(value == null ? UNKNOWN : value.toString());
        }
        rows.add(row);
    }

    void print(PrintStream out) {
        List<String> names = columns.stream().map(Column::name).toList();
        out.println(line(names));
        rows.forEach(row -> out.println(line(row)));
    }

    private String line(List<String> values) {
        StringBuilder line = new StringBuilder();
        for (int at = 0; at < values.size(); at++) {
            if (at > 0) {
                line.append(' ');
            }
            line.append(values.get(at));
            line.append(" ".repeat(Math.max(0, width(at) - values.get(at).length())));
        }
        return line.toString();
    }

    private int width(int at) {
        Column column = columns.get(at);
        if (!column.grows()) {
            return column.width();
        }
        int longest = Math.max(column.width(), column.name().length());
        for (List<String> row : rows) {
            longest = Math.max(longest, row.get(at).length());
        }
        return longest;
    }
}
