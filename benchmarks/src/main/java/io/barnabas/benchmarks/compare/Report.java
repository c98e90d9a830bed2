package io.barnabas.benchmarks.compare;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** All rounds of all contenders, and how they are printed: min, median and max, and the ratio of medians to the first contender. */
final class Report {
    /** cell → figure → contender → values of the rounds. */
    private final Map<String, Map<String, Map<String, List<Double>>>> values = new LinkedHashMap<>();

    void add(String contender, Map<String, Figures> cells) {
        cells.forEach((cell, figures) -> figures.values()
                .forEach((figure, value) -> values.computeIfAbsent(cell, k -> new LinkedHashMap<>())
                        .computeIfAbsent(figure, k -> new LinkedHashMap<>())
                        .computeIfAbsent(contender, k -> new ArrayList<>())
                        .add(value)));
    }

    /** A Markdown table per cell. */
    void print(PrintStream out, String first) {
        values.forEach((cell, figures) -> {
            out.println();
            out.println("### " + cell);
            out.println();
            out.println("| figure | contender | min | median | max | " + first + " / it |");
            out.println("|--|--|--:|--:|--:|--:|");
            figures.forEach((figure, contenders) -> contenders.forEach((contender, rounds) -> {
                List<Double> sorted = rounds.stream().sorted().toList();
                String ratio = contender.equals(first) || !contenders.containsKey(first)
                        ? ""
                        : number(median(contenders.get(first)) / median(rounds));
                out.println("| " + figure + " | " + contender + " | " + number(sorted.get(0)) + " | "
                        + number(median(rounds)) + " | " + number(sorted.get(sorted.size() - 1)) + " | " + ratio
                        + " |");
            }));
        });
    }

    private static double median(List<Double> rounds) {
        List<Double> sorted = rounds.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, Math.abs(value) >= 100 ? "%.0f" : "%.2f", value);
    }
}
